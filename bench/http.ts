import { cpuMilliseconds } from './backends.ts';
import { openEngine } from './engine.ts';
import { ensureFleet, type FleetTenant } from './fleet.ts';
import { HttpClient } from './http-client.ts';
import { closedLoop, interleave, median, percentile, picker } from './load.ts';
import { startPlain, startProduct, type Process } from './processes.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { taskOf } from './sides.ts';
import { signIn } from './tokens.ts';

export interface HttpOptions {
  tenants: number;
  inFlight: number;
  rounds: number;
  seconds: number;
  data?: string;
}

const PLAIN = 'Fastify and pg with the same SQL: no tenant, token, permission or envelope';

/** One task, and a list of 20, over HTTP: the product beside the least that could answer. */
export async function measureHttp({ tenants, inFlight, rounds, seconds, data }: HttpOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const fleet = await ensureFleet(engine, tenants);
    const product = await startProduct(server);
    const plain = await startPlain(server);
    const [ours, theirs] = [new HttpClient(product.port), new HttpClient(plain.port)];
    try {
      const headers = await signIn(server, engine.owner, fleet);
      const headersOf = ({ binding }: FleetTenant) => headers.get(binding.schema);
      const oursOf = {
        'one task': (tenant: FleetTenant) => ours.get(`/api/v1/tasks/${taskOf(tenant)}`, headersOf(tenant)),
        'list of 20': (tenant: FleetTenant) => ours.get('/api/v1/tasks?limit=20', headersOf(tenant)),
      };
      const theirsOf = {
        'one task': (tenant: FleetTenant) => theirs.get(`/${tenant.binding.schema}/tasks/${taskOf(tenant)}`),
        'list of 20': (tenant: FleetTenant) => theirs.get(`/${tenant.binding.schema}/tasks`),
      };
      const measures: Measure[] = [];
      for (const some of [fleet.slice(0, 1), fleet]) {
        for (const what of ['one task', 'list of 20'] as const) {
          const pick = picker(some.length);
          const loadOf =
            (ask: (tenant: FleetTenant) => Promise<void>, { pid }: Process) =>
            async () => {
              const before = await cpuMilliseconds(pid);
              const load = await closedLoop(inFlight, seconds * 1000, () => ask(some[pick()]!));
              return { ...load, cpu: ((await cpuMilliseconds(pid)) - before) / load.times.length };
            };
          const sides = { ours: loadOf(oursOf[what], product), plain: loadOf(theirsOf[what], plain) };
          // A round that is not counted: code is compiled and connections are opened.
          await interleave(1, sides);
          const loads = await interleave(rounds, sides);
          const rate = (side: 'ours' | 'plain') => median(loads[side]!.map((load) => load.rate));
          const p95 = (side: 'ours' | 'plain') => median(loads[side]!.map((load) => percentile(load.times, 0.95)));
          const cpu = (side: 'ours' | 'plain') => median(loads[side]!.map((load) => load.cpu));
          const failed = loads['ours']!.reduce((sum, load) => sum + load.failed, 0);
          if (failed > 0) throw new Error(`${failed} requests to the product failed`);
          const over = `${what}, ${some.length === 1 ? 'one tenant' : `${some.length} tenants`}, ${inFlight} in flight`;
          measures.push(
            {
              what: `${over}: answers`,
              unit: '1/s',
              ours: rate('ours'),
              plain: rate('plain'),
              against: PLAIN,
              more: true,
            },
            {
              what: `${over}: processor time of the server's process`,
              unit: 'ms',
              ours: cpu('ours'),
              plain: cpu('plain'),
              against: PLAIN,
            },
            { what: `${over}: p95`, unit: 'ms', ours: p95('ours'), plain: p95('plain'), against: PLAIN },
          );
        }
      }
      return measures;
    } finally {
      ours.close();
      theirs.close();
      await product.stop();
      await plain.stop();
      await engine.close();
    }
  });
}
