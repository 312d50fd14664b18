import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/platform/database/embedded-postgres.ts';

export interface BenchServer {
  url: string;
  dataDir: string;
  encryptionKey: string;
}

/** A PostgreSQL of its own for one benchmark; nothing of it is left behind. */
export async function withBenchServer<T>(work: (server: BenchServer) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'projectflow-bench-'));
  // As root, the server runs as another user, who must be able to enter; else it would live elsewhere.
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir, settings: { max_connections: '1000' } });
  try {
    return await work({ url: server.url, dataDir, encryptionKey: randomBytes(32).toString('base64') });
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Heap that is reachable, in bytes. */
export function heapUsed(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc, as npm run bench does');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
