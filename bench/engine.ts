import 'reflect-metadata';
import pg from 'pg';
import pino from 'pino';
import { clusterMigrations } from '../migrations/cluster/index.ts';
import { registryMigrations } from '../migrations/registry/index.ts';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { tenantSeed } from '../seeds/tenant-seed.ts';
import type { MigrationClass } from '../src/platform/database/migration-recorder.ts';
import { ClusterDirectory, Clusters } from '../src/platform/database/clusters.ts';
import type { PreparedCluster } from '../src/platform/database/prepare-cluster.ts';
import { MAIN_CLUSTER, prepareDatabase } from '../src/platform/database/prepare-database.ts';
import { SchemaManager } from '../src/platform/database/schema-manager.ts';
import { SchemaMigrations } from '../src/platform/database/schema-migrations.ts';
import { TenantDataSources } from '../src/platform/database/tenant-data-sources.ts';
import { TenantTemplate } from '../src/platform/database/tenant-data-source.ts';
import { TenantHomes, type HomeOptions } from '../src/platform/database/tenant-homes.ts';
import { TenantScript } from '../src/platform/database/tenant-script.ts';
import { tenantEntities } from '../src/tenant-entities.ts';
import type { BenchServer } from './server.ts';

/** As in the product's settings. */
export const HOMES = 4;
export const CONNECTIONS = 20;

/** The tenancy engine on a benchmark's server, without the application around it. */
export interface BenchEngine {
  prepared: PreparedCluster;
  owner: pg.Pool;
  clusters: Clusters;
  /** Knows the tenants' migrations and `more`, as a later release would. */
  schemas(more?: MigrationClass[]): Promise<SchemaManager>;
  /** Brings schemas to the version that `schemas(more)` knows. */
  migrations(more?: MigrationClass[]): Promise<SchemaMigrations>;
  /** New pools for tenant work and the handles on top; `close` ends the pools. */
  serve(options?: Partial<HomeOptions>): Promise<Serving>;
  close(): Promise<void>;
}

export interface Serving {
  homes: TenantHomes;
  handles: TenantDataSources;
}

export async function openEngine(
  server: BenchServer,
  { homes = HOMES, owners = 4 }: { homes?: number; owners?: number } = {},
): Promise<BenchEngine> {
  const prepared = await prepareDatabase({
    url: server.url,
    encryptionKey: server.encryptionKey,
    tenantRoles: true,
    homes,
    migrations: { registry: registryMigrations, cluster: clusterMigrations },
  });
  const owner = new pg.Pool({ connectionString: server.url, max: owners });
  owner.on('error', () => undefined);
  const log = pino({ level: 'silent' });
  const clusters = new Clusters(prepared, null, new OnlyMain(), () => Promise.reject(new Error('one cluster')), log);
  const script = (more: MigrationClass[]) => TenantScript.record([...tenantMigrations, ...more], tenantSeed);
  return {
    prepared,
    owner,
    clusters,
    schemas: async (more = []) => new SchemaManager(clusters, await script(more), homes),
    migrations: async (more = []) => new SchemaMigrations(clusters, await script(more)),
    serve: async (options = {}) => {
      const login = (_cluster: string, home: number) => ({ connectionString: prepared.homeUrl(home) });
      const pools = new TenantHomes({ login, size: CONNECTIONS / HOMES, patience: 30_000, ...options }, log);
      const template = new TenantTemplate(tenantEntities);
      await template.initialize();
      return { homes: pools, handles: new TenantDataSources(template, (binding) => pools.borrow(binding), 10_000) };
    },
    close: async () => {
      await clusters.close();
      await owner.end();
    },
  };
}

class OnlyMain extends ClusterDirectory {
  addressOf = () => Promise.resolve(null);
  listNames = () => Promise.resolve([MAIN_CLUSTER]);
  listAccepting = () => Promise.resolve([MAIN_CLUSTER]);
}
