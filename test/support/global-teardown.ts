import { rm } from 'node:fs/promises';
import type { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.ts';

export default async function globalTeardown(): Promise<void> {
  const { testDatabaseServer: server } = globalThis as unknown as { testDatabaseServer: EmbeddedPostgres };
  await server.stop();
  await rm(server.dataDir, { recursive: true, force: true });
}
