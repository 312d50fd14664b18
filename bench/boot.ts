import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withBenchServer, type BenchServer } from './server.ts';
import type { Measure } from './report.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const PATIENCE_MS = 30_000;

/** Starts the product on a database, the first time empty, and waits for the first answer of a route that reads it. */
export async function measureBoot(runs: number): Promise<Measure[]> {
  return withBenchServer({}, async (server) => {
    const empty = await bootOnce(server, 0);
    const times: number[] = [];
    for (let run = 1; run <= runs; run++) times.push(await bootOnce(server, run));
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

async function bootOnce(server: BenchServer, run: number): Promise<number> {
  const port = 21_000 + Math.floor(Math.random() * 20_000) + run;
  const env = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: server.url,
    ENCRYPTION_KEY: server.encryptionKey,
    LOG_LEVEL: 'error',
  };
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    while (performance.now() - started < PATIENCE_MS) {
      if (child.exitCode !== null) throw new Error('the server did not start; its message is above');
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/tenants/availability?slug=bench`).catch(() => null);
      if (answer?.ok) return performance.now() - started;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}
