import type { DynamicModule } from '@nestjs/common';
import pg from 'pg';
import type { Logger } from 'pino';
import { clusterMigrations } from '../migrations/cluster/index.ts';
import { registryMigrations } from '../migrations/registry/index.ts';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { tenantSeed } from '../seeds/tenant-seed.ts';
import { AppModule } from './app.module.ts';
import { SEALED_URL } from './clusters/clusters.types.ts';
import { RELEASES } from './fleet/fleet.types.ts';
import type { Config } from './platform/config/config.ts';
import { SecretBox } from './platform/crypto/secret-box.ts';
import { demandAllObey, readClusters } from './platform/database/incarnation.ts';
import { openDatabaseServer, type DatabaseServer } from './platform/database/database-server.ts';
import type { ClusterAddress } from './platform/database/clusters.ts';
import { prepareDatabase, prepareOtherCluster } from './platform/database/prepare-database.ts';
import { waitForDatabase } from './platform/database/wait-for-database.ts';
import type { MigrationClass } from './platform/database/migration-recorder.ts';
import { TenantScript } from './platform/database/tenant-script.ts';
import type { Stops } from './stop-on-signal.ts';
import { tenantEntities } from './tenant-entities.ts';

export interface Boot {
  module: DynamicModule;
  config: Config;
  server: DatabaseServer;
}

/**
 * What every way of starting has in common: a database server that answers, its shared part migrated and guarded, the
 * tenant migrations recorded. How to stop the server is added to `stops` before it is there, so that a start which is
 * interrupted leaves nothing running.
 *
 * @param migrations of the tenants' schemas; others make it another release
 * @param patienceSeconds how long to wait for a database that does not answer yet
 */
export async function boot(
  settings: Config,
  logger: Logger,
  stops: Stops,
  migrations: MigrationClass[] = tenantMigrations,
  patienceSeconds = 0,
): Promise<Boot> {
  const script = await TenantScript.record(migrations, tenantSeed);
  const opening = openDatabaseServer(settings, (line) => logger.info(line));
  stops.push(async () => (await opening.catch(() => null))?.stop());
  const server = await opening;
  const config: Config = { ...settings, ENCRYPTION_KEY: server.encryptionKey };
  const options = {
    url: server.url,
    dataDir: server.dataDir,
    appUrl: config.DATABASE_APP_URL,
    poolerUrl: config.DATABASE_POOLER_URL,
    encryptionKey: server.encryptionKey,
    oldEncryptionKey: config.OLD_ENCRYPTION_KEY,
    tenantRoles: config.TENANT_ROLES === 'on',
    homes: config.TENANT_HOMES,
    migrations: { registry: registryMigrations, cluster: clusterMigrations },
  };
  await waitForDatabase(server.url, patienceSeconds * 1_000, (line) => logger.warn(line));
  const prepared = await prepareDatabase(options);
  await demandClusters(prepared.ownerUrl, new SecretBox(config.ENCRYPTION_KEY!, config.OLD_ENCRYPTION_KEY));
  await noteRelease(prepared.ownerUrl, script.version);
  const prepareOther = (address: ClusterAddress) => prepareOtherCluster(address, prepared, options);
  return { module: AppModule.with(config, logger, { prepared, prepareOther, script, tenantEntities }), config, server };
}

/** Before any work begins: a registry that is a copy must not act on the clusters of the original. @throws OperatorError */
async function demandClusters(ownerUrl: string, box: SecretBox): Promise<void> {
  const { incarnation, clusters } = await readClusters(ownerUrl);
  const addresses = clusters.flatMap(({ name, url }) => {
    try {
      return [{ name, url: box.open(url, SEALED_URL.place(name)) }];
    } catch {
      // Sealed with a key that is not given: that is said when the cluster is opened.
      return [];
    }
  });
  await demandAllObey(addresses, incarnation);
}

/** The versions that releases have had here: how far tenants may be taken back follows from them. */
async function noteRelease(ownerUrl: string, version: number): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'projectflow prepare' });
  owner.on('error', () => undefined);
  await owner.connect();
  try {
    await owner.query(
      `INSERT INTO public.system_settings AS s (key, value) VALUES ($1, jsonb_build_array($2::bigint))
       ON CONFLICT (key) DO UPDATE SET value = s.value || jsonb_build_array($2::bigint), updated_at = now()
        WHERE (s.value ->> -1)::bigint < $2::bigint`,
      [RELEASES, version],
    );
  } finally {
    await owner.end().catch(() => undefined);
  }
}
