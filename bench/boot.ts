import { startProduct } from './processes.ts';
import type { Measure } from './report.ts';
import { withBenchServer, type BenchServer } from './server.ts';

/** Starts the product on a database, the first time empty, and waits for the first answer of a route that reads it. */
export async function measureBoot(runs: number): Promise<Measure[]> {
  return withBenchServer({}, async (server) => {
    const empty = await bootOnce(server);
    const times: number[] = [];
    for (let run = 1; run <= runs; run++) times.push(await bootOnce(server));
    times.sort((a, b) => a - b);
    return [
      { what: 'empty database: start to first answer', unit: 'ms', ours: empty },
      {
        what: `existing database: start to first answer, median of ${runs}`,
        unit: 'ms',
        ours: times[Math.floor(runs / 2)]!,
      },
      { what: 'existing database: slowest', unit: 'ms', ours: times.at(-1)! },
    ];
  });
}

async function bootOnce(server: BenchServer): Promise<number> {
  const { startMs, stop } = await startProduct(server);
  await stop();
  return startMs;
}
