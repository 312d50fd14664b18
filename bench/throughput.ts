import { OneTenantDataSource } from '../src/platform/database/one-tenant-data-source.ts';
import { tenantEntities } from '../src/tenant-entities.ts';
import { backendsOf } from './backends.ts';
import { openEngine, type BenchEngine } from './engine.ts';
import { ensureFleet, type FleetTenant } from './fleet.ts';
import { closedLoop, interleave, median, percentile, picker, repeat, type Load } from './load.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { bareHomes, isolated, READ_TASK, sharedPool, taskOf, type Side } from './sides.ts';

export interface ThroughputOptions {
  tenants: number;
  inFlight: number;
  rounds: number;
  seconds: number;
  /** Reads of each side before the first round, in multiples of the number of tenants. */
  warmUp: number;
  data?: string;
}

const SHARED = 'bare SQL on one shared pool, no isolation';
const BARE_HOMES = 'bare SQL on pools like our homes, no isolation';

/** One row by its key, for tenants that are picked by chance: with isolation, without it, and a DataSource per tenant. */
export async function measureThroughput(options: ThroughputOptions): Promise<Measure[]> {
  return withBenchServer({ data: options.data }, async (server) => {
    const engine = await openEngine(server);
    const fleet = await ensureFleet(engine, options.tenants);
    const measures = [
      ...(await compare('uniform', engine, server.url, fleet, picker(fleet.length), options)),
      ...(await compare('zipf 1.1', engine, server.url, fleet, picker(fleet.length, 1.1), options)),
      ...(await dataSources(server.url, fleet, options)),
    ];
    await engine.close();
    return measures;
  });
}

async function compare(
  name: string,
  engine: BenchEngine,
  url: string,
  fleet: FleetTenant[],
  pick: () => number,
  { inFlight, rounds, seconds, warmUp }: ThroughputOptions,
): Promise<Measure[]> {
  const sides = { ours: await isolated(engine), shared: await sharedPool(url), homes: await bareHomes(url) };
  const reading = (side: Side) => () => side.read(fleet[pick()]!);
  for (const side of Object.values(sides)) await repeat(inFlight, warmUp * fleet.length, reading(side));
  const run = (side: Side) => () => closedLoop(inFlight, seconds * 1000, reading(side));
  const loads = await interleave(rounds, { ours: run(sides.ours), shared: run(sides.shared), homes: run(sides.homes) });
  const memory = {
    ours: await backendsOf(engine.owner, 'projectflow home'),
    shared: await backendsOf(engine.owner, 'bare shared'),
    homes: await backendsOf(engine.owner, 'bare homes'),
  };
  for (const side of Object.values(sides)) await side.close();
  const what = `${name} over ${fleet.length} tenants, ${inFlight} in flight`;
  const [ours, shared, homes] = [loads['ours']!, loads['shared']!, loads['homes']!];
  return [
    { what: `${what}: reads`, unit: '1/s', ours: rate(ours), plain: rate(shared), against: SHARED, more: true },
    {
      what: `${what}: reads, beside homes`,
      unit: '1/s',
      ours: rate(ours),
      plain: rate(homes),
      against: BARE_HOMES,
      more: true,
    },
    { what: `${what}: median`, unit: 'ms', ours: at(ours, 0.5), plain: at(shared, 0.5), against: SHARED },
    { what: `${what}: p95`, unit: 'ms', ours: at(ours, 0.95), plain: at(shared, 0.95), against: SHARED },
    {
      what: `${what}: memory of the backends`,
      unit: 'MB',
      ours: memory.ours.megabytes,
      plain: memory.shared.megabytes,
      against: SHARED,
    },
    {
      what: `${what}: connections`,
      unit: 'count',
      ours: memory.ours.count,
      plain: memory.shared.count,
      against: SHARED,
    },
  ];
}

function rate(loads: Load[]): number {
  return median(loads.map((load) => load.rate));
}

function at(loads: Load[], part: number): number {
  return median(loads.map((load) => percentile(load.times, part)));
}

/** What most would write first. It opens connections for as long as the server lets it. */
async function dataSources(
  url: string,
  fleet: FleetTenant[],
  { inFlight, seconds }: ThroughputOptions,
): Promise<Measure[]> {
  const opened = new Map<string, Promise<OneTenantDataSource>>();
  const open = ({ binding: { schema } }: FleetTenant) => {
    let opening = opened.get(schema);
    if (!opening) {
      const dataSource = new OneTenantDataSource(url, schema, tenantEntities, []);
      opened.set(schema, (opening = dataSource.initialize().then(() => dataSource)));
    }
    return opening;
  };
  const pick = picker(fleet.length);
  let firstFailure = '';
  let served = 0;
  const load = await closedLoop(inFlight, seconds * 1000, async () => {
    const tenant = fleet[pick()]!;
    try {
      const text = READ_TASK.replaceAll('"@tenant"', `"${tenant.binding.schema}"`);
      await (await open(tenant)).query(text, [taskOf(tenant)]);
      if (firstFailure === '') served = opened.size;
    } catch (error) {
      firstFailure ||= String((error as Error).message);
      // A caller would try again a little later; without a pause the loop would count nothing but refusals.
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw error;
    }
  });
  for (const opening of opened.values()) await opening.then((each) => each.destroy()).catch(() => undefined);
  const note = firstFailure && `a DataSource per tenant failed after ${served} tenants: ${firstFailure}`;
  return [
    { what: 'a DataSource per tenant: reads', unit: '1/s', ours: load.rate, against: note },
    {
      what: 'a DataSource per tenant: failed',
      unit: '%',
      ours: (100 * load.failed) / (load.failed + load.times.length),
    },
    {
      what: 'a DataSource per tenant: tenants before the first failure',
      unit: 'count',
      ours: firstFailure ? served : fleet.length,
    },
  ];
}
