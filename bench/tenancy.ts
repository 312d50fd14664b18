import pg from 'pg';
import type { TenantBinding } from '../src/platform/database/lease.ts';
import { OneTenantDataSource } from '../src/platform/database/one-tenant-data-source.ts';
import { TenantDataSources } from '../src/platform/database/tenant-data-sources.ts';
import { TenantTemplate } from '../src/platform/database/tenant-data-source.ts';
import { tenantEntities } from '../src/tenant-entities.ts';
import { openEngine } from './engine.ts';
import { heapUsed, withBenchServer, type BenchServer } from './server.ts';
import type { Measure } from './report.ts';

/** Enough that the noise of the collector is small beside them. */
const HANDLES = 5_000;
const WARM_UP = 50;
const PLAIN = 'a TypeORM DataSource per tenant, with its own metadata and pool';

interface Side {
  /** Bytes. */
  heap: number;
  /** Milliseconds. */
  time: number;
}

/** Light handles beside full DataSources: what each costs, and how many connections serving every tenant once takes. */
export async function measureTenancy(tenants: number): Promise<Measure[]> {
  return withBenchServer({ settings: { max_connections: '1000' } }, async (server) => {
    const { homes, handles, bindings, provisioning } = await prepare(server, tenants);
    const fresh = await measureFreshHandles();
    const used = await measure(bindings, (binding) => handles.get(binding), server.url, 'projectflow home');
    await homes.close();
    const plain = await measurePlain(server.url, bindings);
    return [
      { what: 'heap of a handle', unit: 'KB', ours: fresh.heap / 1024, plain: plain.heap / 1024, against: PLAIN },
      { what: 'time to make a handle', unit: 'ms', ours: fresh.time, plain: plain.time, against: PLAIN },
      {
        what: 'heap of a handle once every repository was used',
        unit: 'KB',
        ours: used.heap / 1024,
        plain: plain.heapUsed / 1024,
        against: PLAIN,
      },
      {
        what: `connections after ${tenants} tenants were served`,
        unit: 'count',
        ours: used.connections,
        plain: plain.connections,
        against: PLAIN,
      },
      { what: 'provisioning a schema', unit: 'ms', ours: provisioning },
    ];
  });
}

async function prepare(server: BenchServer, tenants: number) {
  const engine = await openEngine(server);
  const schemas = await engine.schemas();
  const bindings: TenantBinding[] = [];
  const started = performance.now();
  for (let i = 0; i < tenants; i++) bindings.push(await schemas.provision());
  const provisioning = (performance.now() - started) / tenants;
  await engine.close();
  return { ...(await engine.serve()), bindings, provisioning };
}

/** Handles alone: nothing is asked of a server. */
async function measureFreshHandles(): Promise<Side> {
  const template = new TenantTemplate(tenantEntities);
  await template.initialize();
  const handles = new TenantDataSources(template, () => Promise.reject(new Error('not in this benchmark')), HANDLES);
  const make = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, i) =>
        handles.get({ cluster: 'main', schema: `t_${(from + i).toString(16).padStart(16, '0')}`, role: null, home: 0 }),
      ),
    );
  await make(0, 500);
  const before = heapUsed();
  const started = performance.now();
  await make(500, HANDLES);
  const time = (performance.now() - started) / (HANDLES - 500);
  return { heap: (heapUsed() - before) / (handles.stats.cached - 500), time };
}

interface DataSourceLike {
  getRepository(entity: new () => object): { count(): Promise<number> };
}

/** Serves every tenant once, ten at a time, through every repository. */
async function measure(
  bindings: TenantBinding[],
  open: (binding: TenantBinding) => Promise<DataSourceLike>,
  url: string,
  applicationName: string,
): Promise<Side & { connections: number }> {
  const serve = async (some: TenantBinding[]) => {
    for (let i = 0; i < some.length; i += 10) {
      await Promise.all(
        some.slice(i, i + 10).map(async (binding) => {
          const handle = await open(binding);
          for (const entity of tenantEntities) await handle.getRepository(entity).count();
        }),
      );
    }
  };
  // The first ones pay for what all share: connections and code that is compiled on the way.
  await serve(bindings.slice(0, WARM_UP));
  const measured = bindings.slice(WARM_UP);
  const before = heapUsed();
  const started = performance.now();
  await serve(measured);
  const time = (performance.now() - started) / measured.length;
  return {
    heap: (heapUsed() - before) / measured.length,
    time,
    connections: await countConnections(url, applicationName),
  };
}

async function measurePlain(
  url: string,
  bindings: TenantBinding[],
): Promise<Side & { heapUsed: number; connections: number }> {
  const named = new URL(url);
  named.searchParams.set('application_name', 'plain');
  const opened: OneTenantDataSource[] = [];
  const open = async ({ schema }: TenantBinding) => {
    const dataSource = new OneTenantDataSource(named.toString(), schema, tenantEntities, []);
    opened.push(dataSource);
    await dataSource.initialize();
    return dataSource;
  };
  const before = heapUsed();
  const started = performance.now();
  for (const binding of bindings) await open(binding);
  const time = (performance.now() - started) / bindings.length;
  const heap = (heapUsed() - before) / bindings.length;
  const bySchema = new Map(bindings.map((binding, i) => [binding.schema, opened[i]!]));
  const used = await measure(bindings, async ({ schema }) => bySchema.get(schema)!, url, 'plain');
  for (const dataSource of opened) await dataSource.destroy();
  return { heap, time, heapUsed: heap + used.heap, connections: used.connections };
}

async function countConnections(url: string, applicationName: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE starts_with(application_name, $1)',
      [applicationName],
    );
    return rows[0]!.count;
  } finally {
    await client.end();
  }
}
