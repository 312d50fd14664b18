import { openEngine, type BenchEngine, type Serving } from './engine.ts';
import { ensureFleet, idOf, type FleetTenant } from './fleet.ts';
import { closedLoop, median } from './load.ts';
import type { Measure } from './report.ts';
import { READ_TASK } from './sides.ts';
import { withBenchServer, type BenchServer } from './server.ts';

const TIMED = 20;
const TOUCHED = 200;
const HOT = 400;
const STEADY_MS = 6_000;
const WATCHED_MS = 60_000;

/** The same figures with more and more tenants in one database. */
export async function measureSchemas(steps: number[], data?: string): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const measures: Measure[] = [];
    for (const count of steps) {
      const figures = await measureStep(server, count);
      measures.push(...figures.map(({ what, ...rest }) => ({ what: `${count} schemas: ${what}`, ...rest })));
      for (const { what, ours, unit } of figures)
        process.stderr.write(`${count}: ${what} ${ours.toFixed(2)} ${unit}\n`);
    }
    return measures;
  });
}

async function measureStep(server: BenchServer, count: number): Promise<Measure[]> {
  const engine = await openEngine(server);
  const started = performance.now();
  const fleet = await ensureFleet(engine, count);
  const building = performance.now() - started;
  const making = await makeAndDrop(engine);
  const serving = await engine.serve();
  const first = await touch(serving, fleet);
  const afterGrant = await touchAfterGrant(engine, serving, fleet);
  const rate = await steady(serving, fleet);
  await serving.homes.close();
  const catalogue = await sizes(engine);
  const vacuum = await autovacuumShare(engine);
  await engine.close();
  const recovery = await server.crash();
  return [
    { what: `making and filling those that were missing, ${count} in all`, unit: 's', ours: building / 1000 },
    { what: 'making one, alone (median)', unit: 'ms', ours: making },
    { what: 'first statement for a tenant on a connection (median)', unit: 'ms', ours: first.cold },
    { what: 'second statement for it (median)', unit: 'ms', ours: first.warm },
    { what: 'first statement of a connection after somebody signed up (median)', unit: 'ms', ours: afterGrant },
    { what: `reads a second over ${HOT} warm tenants, 8 in flight`, unit: '1/s', ours: rate },
    ...catalogue,
    { what: 'share of a minute in which autovacuum worked', unit: '%', ours: vacuum * 100 },
    { what: 'start after a crash', unit: 'ms', ours: recovery },
  ];
}

/** Schemas that nobody claims, taken away again. */
async function makeAndDrop(engine: BenchEngine): Promise<number> {
  const schemas = await engine.schemas();
  const times: number[] = [];
  for (let i = 0; i < TIMED; i++) {
    const started = performance.now();
    const binding = await schemas.provision();
    times.push(performance.now() - started);
    await schemas.drop(binding);
    await engine.owner.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [binding.schema]);
  }
  return median(times);
}

async function read({ handles }: Serving, { binding }: FleetTenant): Promise<number> {
  const started = performance.now();
  await (await handles.get(binding)).query(READ_TASK, [idOf(binding.schema, 'task 1')]);
  return performance.now() - started;
}

async function touch(serving: Serving, fleet: FleetTenant[]): Promise<{ cold: number; warm: number }> {
  const cold: number[] = [];
  const warm: number[] = [];
  const some = Array.from({ length: TOUCHED }, (_, i) => fleet[Math.floor((i * fleet.length) / TOUCHED)]!);
  for (const tenant of some) {
    cold.push(await read(serving, tenant));
    warm.push(await read(serving, tenant));
  }
  // The first ones open the connections.
  return { cold: median(cold.slice(20)), warm: median(warm.slice(20)) };
}

/** A new grant makes every backend look again at which roles its login may take. */
async function touchAfterGrant(engine: BenchEngine, serving: Serving, fleet: FleetTenant[]): Promise<number> {
  const tenant = fleet[0]!;
  const login = engine.prepared.homeLogin(tenant.binding.home);
  const role = `${engine.prepared.names.installation}_bench`;
  const times: number[] = [];
  await engine.owner.query(`DROP ROLE IF EXISTS "${role}"; CREATE ROLE "${role}" NOLOGIN`);
  for (let turn = 0; turn < 15; turn++) {
    await read(serving, tenant);
    await engine.owner.query(
      turn % 2 ? `REVOKE "${role}" FROM "${login}"` : `GRANT "${role}" TO "${login}" WITH INHERIT FALSE, SET TRUE`,
    );
    times.push(await read(serving, tenant));
  }
  await engine.owner.query(`DROP ROLE "${role}"`);
  return median(times);
}

async function steady(serving: Serving, fleet: FleetTenant[]): Promise<number> {
  const hot = fleet.slice(0, HOT);
  const call = async () => void (await read(serving, hot[Math.floor(Math.random() * hot.length)]!));
  await closedLoop(8, STEADY_MS, call);
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) rates.push((await closedLoop(8, STEADY_MS / 2, call)).rate);
  return median(rates);
}

async function sizes(engine: BenchEngine): Promise<Measure[]> {
  const { rows } = await engine.owner.query<{ catalogue: number; database: number; relations: number }>(
    `SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r')::float8 AS catalogue,
            pg_database_size(current_database())::float8 AS database, (SELECT count(*) FROM pg_class)::float8 AS relations`,
  );
  const { catalogue, database, relations } = rows[0]!;
  return [
    { what: 'catalogue', unit: 'MB', ours: catalogue / 1e6 },
    { what: 'database', unit: 'MB', ours: database / 1e6 },
    { what: 'relations', unit: 'count', ours: relations },
  ];
}

async function autovacuumShare(engine: BenchEngine): Promise<number> {
  let busy = 0;
  let looked = 0;
  for (const end = performance.now() + WATCHED_MS; performance.now() < end; looked++) {
    const { rows } = await engine.owner.query<{ working: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker') AS working`,
    );
    if (rows[0]!.working) busy += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return busy / looked;
}
