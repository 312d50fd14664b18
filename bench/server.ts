import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/platform/database/embedded-postgres.ts';

export interface BenchServer {
  url: string;
  dataDir: string;
  encryptionKey: string;
  /** Kills the server as a power cut would and starts it again on its port. Gives the milliseconds until it answers. */
  crash(): Promise<number>;
}

export interface BenchServerOptions {
  /** Folder that is made when it is missing and kept for the next run; without it, nothing is left behind. */
  data?: string;
  /** Lines of postgresql.conf. */
  settings?: Record<string, string>;
}

/** A PostgreSQL of its own for one benchmark. */
export async function withBenchServer<T>(
  { data, settings }: BenchServerOptions,
  work: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const dataDir = data === undefined ? await mkdtemp(join(tmpdir(), 'projectflow-bench-')) : resolve(data);
  await mkdir(dataDir, { recursive: true });
  // As root, the server runs as another user, who must be able to enter; else it would live elsewhere.
  await chmod(dataDir, 0o755);
  let server = await startEmbeddedPostgres({ dataDir, settings });
  const { url, port } = server;
  const crash = async () => {
    process.kill(await pidOf(url), 'SIGKILL');
    const killed = performance.now();
    server = await startEmbeddedPostgres({ dataDir, port, settings });
    return performance.now() - killed;
  };
  try {
    return await work({ url, dataDir, encryptionKey: await keptKey(dataDir), crash });
  } finally {
    await server.stop();
    if (data === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}

async function pidOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ lock: string }>(
      `SELECT pg_read_file(current_setting('data_directory') || '/postmaster.pid') AS lock`,
    );
    return Number(rows[0]!.lock.split('\n', 1)[0]);
  } finally {
    await client.end();
  }
}

async function keptKey(dataDir: string): Promise<string> {
  const file = join(dataDir, 'encryption.key');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept) return kept.trim();
  const key = randomBytes(32).toString('base64');
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** Heap that is reachable, in bytes. */
export function heapUsed(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc, as npm run bench does');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
