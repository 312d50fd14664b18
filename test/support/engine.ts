import 'reflect-metadata';
import pino from 'pino';
import pg from 'pg';
import { clusterMigrations } from '../../migrations/cluster/index.ts';
import { registryMigrations } from '../../migrations/registry/index.ts';
import { BoundQuery } from '../../src/platform/database/bound-query.ts';
import type { BorrowedClient, TenantBinding } from '../../src/platform/database/lease.ts';
import type { MigrationClass } from '../../src/platform/database/migration-recorder.ts';
import { ClusterDirectory, Clusters } from '../../src/platform/database/clusters.ts';
import type { PreparedCluster } from '../../src/platform/database/prepare-cluster.ts';
import { MAIN_CLUSTER, prepareDatabase } from '../../src/platform/database/prepare-database.ts';
import { SchemaManager, type Place } from '../../src/platform/database/schema-manager.ts';
import { SchemaMigrations, type MigrateOptions } from '../../src/platform/database/schema-migrations.ts';
import { TenantTemplate, type TenantDataSource } from '../../src/platform/database/tenant-data-source.ts';
import { TenantDataSources } from '../../src/platform/database/tenant-data-sources.ts';
import { TenantHomes, type HomeOptions } from '../../src/platform/database/tenant-homes.ts';
import { TenantScript, type TenantSeed } from '../../src/platform/database/tenant-script.ts';
import { createDatabase, type TestDatabase } from './database.ts';

const KEY = Buffer.alloc(32, 3).toString('base64');

export interface EngineOptions {
  entities?: (new () => object)[];
  migrations: MigrationClass[];
  seed?: TenantSeed;
  homes?: number;
  /** Connections, queue, patience and recycling of one home. */
  home?: Partial<Omit<HomeOptions, 'login'>>;
  /** How many tenant handles are kept. */
  handles?: number;
  tenantRoles?: boolean;
  /** Hears every statement that leaves for the server, as it is on the wire, with the backend that gets it. */
  onStatement?: (text: string, pid: number, binding: TenantBinding) => void;
}

export interface EngineTenant {
  binding: TenantBinding;
  database: TenantDataSource;
}

/** What one version of the product does with schemas. */
export type Schemas = SchemaManager & Pick<SchemaMigrations, 'migrate'>;

/** The tenancy engine on a real database of its own, without the application around it. */
export interface Engine {
  database: TestDatabase;
  prepared: PreparedCluster;
  /** The owner's connections, to look behind the engine. */
  owner: pg.Pool;
  homes: TenantHomes;
  template: TenantTemplate;
  handles: TenantDataSources;
  clusters: Clusters;
  schemas: Schemas;
  borrow(binding: TenantBinding): Promise<BorrowedClient>;
  /** A new schema and the handle on it. */
  tenant(): Promise<EngineTenant>;
  tenants(count: number): Promise<EngineTenant[]>;
  /** A second schema manager of the same database that knows other migrations: another version of the product. */
  version(migrations: MigrationClass[], seed?: TenantSeed): Promise<Schemas>;
  /** A bare connection with the login of a home, as an attacker who got past our code would have it. */
  loginToHome(home: number): Promise<pg.Client>;
  stop(): Promise<void>;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { entities = [], migrations, seed = () => [], homes: homeCount = 1, tenantRoles = true } = options;
  const database = await createDatabase();
  const prepared = await prepareDatabase(preparation(database, homeCount, tenantRoles));
  const owner = new pg.Pool({ connectionString: database.url, max: 4 });
  owner.on('error', () => undefined);
  const log = pino({ level: 'silent' });
  const homes = new TenantHomes(
    { login: (_cluster, home) => ({ connectionString: prepared.homeUrl(home) }), size: 4, ...options.home },
    log,
  );
  const template = new TenantTemplate(entities);
  await template.initialize();
  const borrow = async (binding: TenantBinding) => {
    const borrowed = await homes.borrow(binding);
    return options.onStatement ? overheard(borrowed, binding, options.onStatement) : borrowed;
  };
  const handles = new TenantDataSources(template, borrow, options.handles ?? 1_000);
  const clusters = new Clusters(prepared, null, new OnlyMain(), () => Promise.reject(new Error('one cluster')), log);
  const version = async (classes: MigrationClass[], seeds: TenantSeed = seed): Promise<Schemas> => {
    const script = await TenantScript.record(classes, seeds);
    const migrations = new SchemaMigrations(clusters, script);
    const migrate = (place: Place, how?: MigrateOptions) => migrations.migrate(place, how);
    return Object.assign(new SchemaManager(clusters, script, homeCount), { migrate });
  };
  const schemas = await version(migrations);
  const tenant = async () => {
    const binding = await schemas.provision();
    return { binding, database: await handles.get(binding) };
  };
  const clients: pg.Client[] = [];
  return {
    database,
    prepared,
    owner,
    homes,
    template,
    handles,
    clusters,
    schemas,
    borrow,
    tenant,
    tenants: (count) => inTurn(count, tenant),
    version,
    loginToHome: async (home) => {
      const client = new pg.Client({ connectionString: prepared.homeUrl(home), pipeline: true });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    stop: async () => {
      await Promise.all([homes.close(), ...clients.map((client) => client.end())]);
      await clusters.close();
      await owner.end();
      await database.drop();
    },
  };
}

/** What the start of the product does with a database; again, it must find nothing to do. */
export function preparation(
  database: TestDatabase,
  homes = 1,
  tenantRoles = true,
): Parameters<typeof prepareDatabase>[0] {
  return {
    url: database.url,
    encryptionKey: KEY,
    tenantRoles,
    homes,
    migrations: { registry: registryMigrations, cluster: clusterMigrations },
  };
}

class OnlyMain extends ClusterDirectory {
  addressOf = () => Promise.resolve(null);
  listNames = () => Promise.resolve([MAIN_CLUSTER]);
  listAccepting = () => Promise.resolve([MAIN_CLUSTER]);
}

function overheard(
  { client, giveBack }: BorrowedClient,
  binding: TenantBinding,
  hear: NonNullable<EngineOptions['onStatement']>,
): BorrowedClient {
  const { processID: pid } = client as pg.PoolClient & { processID: number };
  const query = (statement: string | pg.QueryConfig | BoundQuery): unknown => {
    for (const text of textsOf(statement)) hear(text, pid, binding);
    return client.query(statement as pg.QueryConfig);
  };
  const heard = new Proxy(client, {
    get: (target, property) => {
      if (property === 'query') return query;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { client: heard, giveBack };
}

function textsOf(statement: string | pg.QueryConfig | BoundQuery): string[] {
  if (typeof statement === 'string') return [statement];
  if (!(statement instanceof BoundQuery)) return [statement.text];
  return [statement.opening.commands.join('; '), (statement as unknown as { text: string }).text, 'COMMIT'];
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
}
