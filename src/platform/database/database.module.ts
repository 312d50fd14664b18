import {
  Global,
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../errors/app-error.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { columnTypes } from './column-types.ts';
import { ClusterHealth } from './cluster-health.service.ts';
import { ClusterDirectory, Clusters, type ClusterAddress } from './clusters.ts';
import { withLoginOf } from './database-logins.ts';
import { DayPartitions } from './day-partitions.service.ts';
import type { PreparedCluster } from './prepare-cluster.ts';
import { ClusterUnavailable } from './database.errors.ts';
import { ReadyPool } from './ready-pool.ts';
import { RegistryBeat } from './registry-beat.service.ts';
import { SchemaManager } from './schema-manager.ts';
import { SchemaMigrations } from './schema-migrations.ts';
import { SchemaRemoval } from './schema-removal.ts';
import { TenantDataSources } from './tenant-data-sources.ts';
import { TenantTemplate } from './tenant-data-source.ts';
import { TenantHomes, type HomeOptions } from './tenant-homes.ts';
import type { TenantScript } from './tenant-script.ts';

export interface DatabaseParts {
  /** The main cluster, which holds the registry. */
  prepared: PreparedCluster;
  /** Prepares another cluster, at its first use. */
  prepareOther: (address: ClusterAddress) => Promise<PreparedCluster>;
  script: TenantScript;
  tenantEntities: (new () => object)[];
}

/** Tenant work on streaming replicas, for reads that say so. */
export const REPLICA_SOURCES = Symbol('replica sources');
const REPLICA_HOMES = Symbol('replica homes');

const REGISTRY_CONNECTIONS = 3;
const REFILL_MS = 5_000;

/**
 * Owns: connections, tenant handles, schemas, the ready pool.
 * Offers: TenantDataSources, TenantHomes, SchemaManager, ReadyPool, and the registry's DataSource through @nestjs/typeorm.
 */
@Global()
@Module({})
export class DatabaseModule {
  static with({ prepared, prepareOther, script, tenantEntities }: DatabaseParts): DynamicModule {
    const providers = [
      {
        provide: Clusters,
        inject: [ClusterDirectory, CONFIG, LOGGER],
        useFactory: (directory: ClusterDirectory, config: Config, log: Logger) =>
          new Clusters(prepared, config.DATABASE_REPLICA_URL ?? null, directory, prepareOther, log),
      },
      {
        provide: TenantHomes,
        inject: [Clusters, CONFIG, LOGGER],
        useFactory: (clusters: Clusters, config: Config, log: Logger) =>
          tenantHomes(clusters, loginToHome(clusters), homeSize(config.TENANT_CONNECTIONS, prepared.homes), log),
      },
      {
        provide: REPLICA_HOMES,
        inject: [Clusters, CONFIG, LOGGER],
        useFactory: (clusters: Clusters, config: Config, log: Logger) =>
          tenantHomes(clusters, loginToReplica(clusters), homeSize(config.TENANT_CONNECTIONS, prepared.homes), log),
      },
      {
        provide: TenantTemplate,
        useFactory: async () => {
          const template = new TenantTemplate(tenantEntities);
          await template.initialize();
          return template;
        },
      },
      {
        provide: TenantDataSources,
        inject: [TenantTemplate, TenantHomes, CONFIG],
        useFactory: (template: TenantTemplate, homes: TenantHomes, config: Config) =>
          new TenantDataSources(template, (binding) => homes.borrow(binding), config.TENANT_HANDLES),
      },
      {
        provide: REPLICA_SOURCES,
        inject: [TenantTemplate, REPLICA_HOMES, CONFIG],
        useFactory: (template: TenantTemplate, homes: TenantHomes, config: Config) =>
          new TenantDataSources(template, (binding) => homes.borrow(binding), config.TENANT_HANDLES),
      },
      {
        provide: SchemaManager,
        inject: [Clusters, CONFIG],
        useFactory: (clusters: Clusters, config: Config) => new SchemaManager(clusters, script, config.TENANT_HOMES),
      },
      {
        provide: SchemaMigrations,
        inject: [Clusters],
        useFactory: (clusters: Clusters) => new SchemaMigrations(clusters, script),
      },
      {
        provide: SchemaRemoval,
        inject: [Clusters, SchemaManager],
        useFactory: (clusters: Clusters, schemas: SchemaManager) => new SchemaRemoval(clusters, schemas),
      },
      {
        provide: ReadyPool,
        inject: [getDataSourceToken(), SchemaManager, Clusters, CONFIG, LOGGER],
        useFactory: (registry: DataSource, schemas: SchemaManager, clusters: Clusters, config: Config, log: Logger) =>
          new ReadyPool(registry.manager, schemas, clusters, config.WORKER ? config.READY_POOL_SIZE : 0, log),
      },
    ];
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [LOGGER],
          useFactory: (log: Logger) => ({
            type: 'postgres',
            url: prepared.platformUrl,
            schema: 'public',
            poolSize: REGISTRY_CONNECTIONS,
            connectTimeoutMS: 2_000,
            applicationName: 'projectflow registry',
            installExtensions: false,
            autoLoadEntities: true,
            retryAttempts: 0,
            extra: {
              types: columnTypes,
              idleTimeoutMillis: 30_000,
              query_timeout: 8_000,
              // Between the pool's listener and TypeORM's there is a moment without any, and a backend that dies then would end the process.
              onConnect: (client: pg.Client) =>
                client.on('error', (error) => log.warn({ err: error }, 'registry connection lost')),
            },
          }),
        }),
      ],
      providers: [...providers, DatabaseUpkeep, DayPartitions, RegistryBeat, ClusterHealth],
      exports: [
        Clusters,
        ClusterHealth,
        TenantHomes,
        TenantTemplate,
        TenantDataSources,
        REPLICA_SOURCES,
        SchemaManager,
        SchemaMigrations,
        SchemaRemoval,
        ReadyPool,
      ],
    };
  }
}

function homeSize(connections: number, homes: number): number {
  if (connections >= homes) return Math.floor(connections / homes);
  throw new OperatorError(
    `The tenants of this database live in ${homes} homes, and TENANT_CONNECTIONS is ${connections}: every home needs a connection.`,
  );
}

/** They end with their cluster, and open again where it is then. */
function tenantHomes(clusters: Clusters, login: HomeOptions['login'], size: number, log: Logger): TenantHomes {
  const homes = new TenantHomes({ login, size }, log);
  clusters.onForget((name) => homes.close(name));
  return homes;
}

function loginToHome(clusters: Clusters): HomeOptions['login'] {
  return (name, home) => {
    // Without a detour through a promise: nearly every tenant of most installations lives here.
    if (name === clusters.main.name) return { connectionString: clusters.main.database.homeUrl(home) };
    return clusters.get(name).then(({ database }) => ({ connectionString: database.homeUrl(home) }));
  };
}

function loginToReplica(clusters: Clusters): HomeOptions['login'] {
  return async (name, home) => {
    const { database, replicaUrl } = await clusters.get(name);
    if (!replicaUrl) throw new ClusterUnavailable(name, 'it has no replica');
    return { connectionString: withLoginOf(replicaUrl, database.homeUrl(home)) };
  };
}

/** Keeps the ready pool full while the process runs, and closes the connections when it ends. */
@Injectable()
class DatabaseUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly readyPool: ReadyPool,
    private readonly homes: TenantHomes,
    @Inject(REPLICA_HOMES) private readonly replicas: TenantHomes,
    private readonly clusters: Clusters,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.refill();
  }

  @Interval(REFILL_MS)
  refill(): void {
    this.readyPool
      .fill()
      .catch((error: unknown) => this.log.warn({ err: error }, 'the ready pool could not be filled'));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.readyPool.close();
    await Promise.all([this.homes.close(), this.replicas.close()]);
    await this.clusters.close();
  }
}
