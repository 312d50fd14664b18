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
import pg from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../errors/app-error.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { columnTypes } from './column-types.ts';
import type { PreparedDatabase } from './prepare-database.ts';
import { ReadyPool } from './ready-pool.ts';
import { SchemaManager } from './schema-manager.ts';
import { TenantDataSources } from './tenant-data-sources.ts';
import { TenantTemplate } from './tenant-data-source.ts';
import { TenantHomes } from './tenant-homes.ts';
import type { TenantScript } from './tenant-script.ts';

export interface DatabaseParts {
  prepared: PreparedDatabase;
  script: TenantScript;
  tenantEntities: (new () => object)[];
}

/** The owner's few connections: provisioning, migrations. */
const OWNER_POOL = Symbol('owner pool');

const OWNER_CONNECTIONS = 2;
const REGISTRY_CONNECTIONS = 3;
const REFILL_MS = 5_000;

/**
 * Owns: connections, tenant handles, schemas, the ready pool.
 * Offers: TenantDataSources, TenantHomes, SchemaManager, ReadyPool, and the registry's DataSource through @nestjs/typeorm.
 */
@Global()
@Module({})
export class DatabaseModule {
  static with({ prepared, script, tenantEntities }: DatabaseParts): DynamicModule {
    const providers = [
      {
        provide: OWNER_POOL,
        inject: [LOGGER],
        useFactory: (log: Logger) => ownerPool(prepared.ownerUrl, log),
      },
      {
        provide: TenantHomes,
        inject: [CONFIG, LOGGER],
        useFactory: (config: Config, log: Logger) =>
          new TenantHomes(
            {
              login: (_cluster, home) => ({ connectionString: prepared.homeUrl(home) }),
              size: homeSize(config.TENANT_CONNECTIONS, prepared.homes),
            },
            log,
          ),
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
        provide: SchemaManager,
        inject: [OWNER_POOL, CONFIG],
        useFactory: (owner: pg.Pool, config: Config) => new SchemaManager(owner, script, prepared, config.TENANT_HOMES),
      },
      {
        provide: ReadyPool,
        inject: [getDataSourceToken(), SchemaManager, CONFIG, LOGGER],
        useFactory: (registry: DataSource, schemas: SchemaManager, config: Config, log: Logger) =>
          new ReadyPool(registry.manager, schemas, config.WORKER ? config.READY_POOL_SIZE : 0, log),
      },
    ];
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [LOGGER],
          useFactory: (log: Logger) => ({
            type: 'postgres',
            url: prepared.registryUrl,
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
      providers: [...providers, DatabaseUpkeep],
      exports: [TenantHomes, TenantDataSources, SchemaManager, ReadyPool],
    };
  }
}

function homeSize(connections: number, homes: number): number {
  if (connections >= homes) return Math.floor(connections / homes);
  throw new OperatorError(
    `The tenants of this database live in ${homes} homes, and TENANT_CONNECTIONS is ${connections}: every home needs a connection.`,
  );
}

function ownerPool(url: string, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: OWNER_CONNECTIONS,
    connectionTimeoutMillis: 30_000,
    idleTimeoutMillis: 10_000,
    application_name: 'projectflow owner',
  });
  pool.on('error', (error) => log.warn({ err: error }, 'idle owner connection lost'));
  pool.on('connect', (client) => client.on('error', (error) => log.warn({ err: error }, 'owner connection lost')));
  return pool;
}

/** Keeps the ready pool full while the process runs, and closes the connections when it ends. */
@Injectable()
class DatabaseUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly readyPool: ReadyPool,
    private readonly homes: TenantHomes,
    @Inject(OWNER_POOL) private readonly owner: pg.Pool,
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
    await this.homes.close();
    await this.owner.end();
  }
}
