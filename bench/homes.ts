import { backendsOf } from './backends.ts';
import { CONNECTIONS, HOMES, openEngine, type BenchEngine, type Serving } from './engine.ts';
import { ensureFleet, rehome, type FleetTenant } from './fleet.ts';
import { closedLoop, median, percentile, picker, repeat } from './load.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { isolated, READ_TASK, taskOf } from './sides.ts';

export interface HomesOptions {
  tenants: number;
  seconds: number;
  data?: string;
}

const NUMBERS = [1, 2, 4, 5, 10];
const IN_FLIGHT = 20;
/** Reads with each limit of loans. */
const LOANS = 60_000;
const SLOW = 'SELECT pg_sleep(0.25)';

/** What decides the defaults of the homes: how many, how much of one a tenant may take, when a connection is replaced. */
export async function measureHomes({ tenants, seconds, data }: HomesOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server, { homes: Math.max(...NUMBERS) });
    const home = await ensureFleet(engine, tenants);
    const measures: Measure[] = [];
    let fleet = home;
    const tell = (some: Measure[]) => {
      for (const { what, ours, unit } of some) process.stderr.write(`${what}: ${ours.toFixed(1)} ${unit}\n`);
      measures.push(...some);
    };
    for (const homes of NUMBERS) {
      fleet = await rehome(engine, fleet, homes);
      tell(await measureNumber(engine, fleet, homes, seconds));
    }
    fleet = await rehome(engine, fleet, HOMES);
    const size = CONNECTIONS / HOMES;
    for (const share of [size - 2, size - 1, size]) tell(await measureShare(engine, fleet, share, seconds));
    for (const recycleAfter of [1_000, 10_000, 50_000, Infinity])
      tell(await measureRecycling(engine, fleet, recycleAfter));
    await engine.close();
    return measures;
  });
}

async function measureNumber(
  engine: BenchEngine,
  fleet: FleetTenant[],
  homes: number,
  seconds: number,
): Promise<Measure[]> {
  const options = { size: CONNECTIONS / homes };
  const side = await isolated(engine, options);
  const reading = (pick: () => number) => () => side.read(fleet[pick()]!);
  await repeat(IN_FLIGHT, fleet.length * 3, reading(picker(fleet.length)));
  const uniform = await closedLoop(IN_FLIGHT, seconds * 1000, reading(picker(fleet.length)));
  const zipf = await closedLoop(IN_FLIGHT, seconds * 1000, reading(picker(fleet.length, 1.1)));
  await side.close();
  const beside = await besideSlow(await engine.serve(options), fleet, seconds);
  const what = `${homes} homes of ${options.size}`;
  return [
    { what: `${what}: uniform`, unit: '1/s', ours: uniform.rate },
    { what: `${what}: zipf 1.1`, unit: '1/s', ours: zipf.rate },
    { what: `${what}: zipf 1.1, p95`, unit: 'ms', ours: percentile(zipf.times, 0.95) },
    { what: `${what}: p95 in a home where two tenants run statements of 250 ms`, unit: 'ms', ours: beside.near },
    { what: `${what}: p95 in the others meanwhile`, unit: 'ms', ours: beside.far },
  ];
}

/** Two tenants of the first home keep as many slow statements going as they may; others read a task now and then. */
async function besideSlow(
  { homes, handles }: Serving,
  fleet: FleetTenant[],
  seconds: number,
): Promise<{ near: number; far: number }> {
  const inFirst = fleet.filter(({ binding }) => binding.home === 0);
  const slow = inFirst.slice(0, 2);
  const sides = [inFirst.slice(2, 202), fleet.filter(({ binding }) => binding.home !== 0).slice(0, 200)];
  const slowly = slow.map(async (tenant) => {
    const handle = await handles.get(tenant.binding);
    await closedLoop(4, seconds * 1000, () => handle.query(SLOW));
  });
  const [near, far] = await Promise.all(
    sides.map(async (some) => {
      if (some.length === 0) return NaN;
      const load = await closedLoop(1, seconds * 1000, async () => {
        const tenant = some[Math.floor(Math.random() * some.length)]!;
        await (await handles.get(tenant.binding)).query(READ_TASK, [taskOf(tenant)]);
        await new Promise((resolve) => setTimeout(resolve, 10));
      });
      return percentile(load.times, 0.95) - 10;
    }),
  );
  await Promise.all(slowly);
  await homes.close();
  return { near: near!, far: far! };
}

async function measureShare(
  engine: BenchEngine,
  fleet: FleetTenant[],
  share: number,
  seconds: number,
): Promise<Measure[]> {
  const size = CONNECTIONS / HOMES;
  const [greedy, ...others] = fleet.filter(({ binding }) => binding.home === 0);
  const side = await isolated(engine, { size, share });
  await repeat(IN_FLIGHT, 2_000, () => side.read(greedy!));
  const alone: number[] = [];
  for (let round = 0; round < 3; round++)
    alone.push((await closedLoop(IN_FLIGHT, (seconds * 1000) / 3, () => side.read(greedy!))).rate);
  await side.close();
  const { homes, handles } = await engine.serve({ size, share });
  const flood = closedLoop(
    30,
    seconds * 1000,
    async () => void (await (await handles.get(greedy!.binding)).query('SELECT pg_sleep(0.02)')),
  );
  const neighbour = await closedLoop(1, seconds * 1000, async () => {
    const tenant = others[Math.floor(Math.random() * 100)]!;
    await (await handles.get(tenant.binding)).query(READ_TASK, [taskOf(tenant)]);
  });
  await flood;
  await homes.close();
  const what = `a tenant may hold ${share} of ${size}`;
  return [
    { what: `${what}: reads of one tenant alone`, unit: '1/s', ours: median(alone) },
    {
      what: `${what}: its neighbour's p95 while it runs 30 statements of 20 ms`,
      unit: 'ms',
      ours: percentile(neighbour.times, 0.95),
    },
  ];
}

async function measureRecycling(engine: BenchEngine, fleet: FleetTenant[], recycleAfter: number): Promise<Measure[]> {
  const side = await isolated(engine, { recycleAfter });
  const pick = picker(fleet.length);
  const started = performance.now();
  await repeat(IN_FLIGHT, LOANS, () => side.read(fleet[pick()]!));
  const rate = LOANS / ((performance.now() - started) / 1000);
  const { megabytes, count } = await backendsOf(engine.owner, 'projectflow home');
  await side.close();
  const what = recycleAfter === Infinity ? 'connections are never replaced' : `replaced after ${recycleAfter} loans`;
  return [
    { what: `${what}: uniform, ${LOANS} reads from cold`, unit: '1/s', ours: rate },
    { what: `${what}: memory of a backend`, unit: 'MB', ours: megabytes / count },
  ];
}
