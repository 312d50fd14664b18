import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

export interface TestRedis {
  url: string;
  /** Kills the server as a crash would. */
  stop(): Promise<void>;
  /** The same address again, empty. */
  start(): Promise<void>;
}

/** Redis is optional, also for the tests: where it is not installed they are skipped by name. CI always has it. */
export const hasRedis = process.env['CI'] !== undefined || spawnSync('redis-server', ['--version']).status === 0;

/** A real redis-server (Debian: apt-get install redis-server) on a free port, with nothing written to disk. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let server: ChildProcess | null = null;
  const start = async () => {
    server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore' },
    );
    await once(server, 'spawn');
    await untilItAnswers(port);
  };
  const stop = async () => {
    if (!server || server.exitCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
    server = null;
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, start, stop };
}

async function untilItAnswers(port: number): Promise<void> {
  const probe = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
  });
  probe.on('error', () => undefined);
  try {
    await probe.ping();
  } finally {
    probe.disconnect();
  }
}
