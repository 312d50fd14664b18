import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.ts';

export interface SecondServer {
  /** Superuser of an empty database. */
  url: string;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}

/** A PostgreSQL 16, the oldest that the product runs on, beside the server of the run. Takes seconds: one for a file. */
export async function startSecondServer(): Promise<SecondServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'projectflow-second-'));
  // As root, the server runs as another user, who must be able to enter; else it would live elsewhere.
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({
    dataDir,
    binaries: 'embedded-postgres-16',
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
