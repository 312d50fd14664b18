import type { DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { clusterMigrations } from '../migrations/cluster/index.ts';
import { registryMigrations } from '../migrations/registry/index.ts';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { tenantSeed } from '../seeds/tenant-seed.ts';
import { AppModule } from './app.module.ts';
import type { Config } from './platform/config/config.ts';
import { openDatabaseServer, type DatabaseServer } from './platform/database/database-server.ts';
import { prepareDatabase } from './platform/database/prepare-database.ts';
import { TenantScript } from './platform/database/tenant-script.ts';
import { tenantEntities } from './tenant-entities.ts';

export interface Boot {
  module: DynamicModule;
  config: Config;
  server: DatabaseServer;
}

/**
 * What every way of starting has in common: a database server that answers, its shared part migrated and guarded, the
 * tenant migrations recorded. The caller stops `server` last.
 */
export async function boot(settings: Config, logger: Logger): Promise<Boot> {
  const script = await TenantScript.record(tenantMigrations, tenantSeed);
  const server = await openDatabaseServer(settings, (line) => logger.info(line));
  try {
    const config: Config = { ...settings, ENCRYPTION_KEY: server.encryptionKey };
    const prepared = await prepareDatabase({
      url: server.url,
      appUrl: config.DATABASE_APP_URL,
      encryptionKey: server.encryptionKey,
      tenantRoles: config.TENANT_ROLES === 'on',
      homes: config.TENANT_HOMES,
      migrations: { registry: registryMigrations, cluster: clusterMigrations },
    });
    return { module: AppModule.with(config, logger, { prepared, script, tenantEntities }), config, server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
