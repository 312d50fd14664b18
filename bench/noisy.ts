import { openEngine } from './engine.ts';
import { ensureFleet, type FleetTenant } from './fleet.ts';
import { HttpClient } from './http-client.ts';
import { interleave, median, openLoop, percentile } from './load.ts';
import { startProduct } from './processes.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { signIn } from './tokens.ts';

export interface NoisyOptions {
  tenants: number;
  /** Lists a second of each tenant. */
  rate: number;
  rounds: number;
  seconds: number;
  data?: string;
}

const NOISE = 10;
const QUIET = 'the same tenants in the same run while the noisy one does as they do';

/** Lists over HTTP at a steady rate; in every other round one tenant asks for ten times as many. */
export async function measureNoisy({ tenants, rate, rounds, seconds, data }: NoisyOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const fleet = await ensureFleet(engine, tenants);
    const product = await startProduct(server);
    const client = new HttpClient(product.port);
    try {
      const headers = await signIn(server, engine.owner, fleet);
      const noisy = fleet[0]!;
      const others = fleet.slice(1);
      const ask = ({ binding }: FleetTenant) => client.get('/api/v1/tasks?limit=20', headers.get(binding.schema));
      // Only those of its home could feel it through the connections.
      const near = others.filter(({ binding }) => binding.home === noisy.binding.home);
      const round = (factor: number) => async () => {
        const [loud, ...rest] = await Promise.all([
          openLoop(rate * factor, seconds * 1000, () => ask(noisy)),
          ...others.map((tenant) => openLoop(rate, seconds * 1000, () => ask(tenant))),
        ]);
        const timesOf = (some: FleetTenant[]) =>
          rest.flatMap((load, i) => (some.includes(others[i]!) ? load.times : [])).sort((a, b) => a - b);
        return {
          others: percentile(timesOf(others), 0.95),
          near: percentile(timesOf(near), 0.95),
          noisy: percentile(loud.times, 0.95),
          failed: rest.reduce((sum, load) => sum + load.failed, 0),
        };
      };
      await round(1)();
      const results = await interleave(rounds, { quiet: round(1), noise: round(NOISE) });
      const at = (side: 'quiet' | 'noise', key: 'others' | 'near' | 'noisy') =>
        median(results[side]!.map((each) => each[key]));
      const failed = results['noise']!.reduce((sum, each) => sum + each.failed, 0);
      return [
        {
          what: `p95 of ${others.length} tenants beside one with ten times their load`,
          unit: 'ms',
          ours: at('noise', 'others'),
          plain: at('quiet', 'others'),
          against: QUIET,
        },
        {
          what: `p95 of the ${near.length} in its home`,
          unit: 'ms',
          ours: at('noise', 'near'),
          plain: at('quiet', 'near'),
          against: QUIET,
        },
        {
          what: 'p95 of the noisy one',
          unit: 'ms',
          ours: at('noise', 'noisy'),
          plain: at('quiet', 'noisy'),
          against: QUIET,
        },
        { what: 'answers to the others that failed', unit: 'count', ours: failed },
      ];
    } finally {
      client.close();
      await product.stop();
      await engine.close();
    }
  });
}
