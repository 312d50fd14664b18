import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { OperatorError } from '../errors/app-error.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

/** The server that this process works with. */
export interface DatabaseServer {
  /** Owner login. */
  url: string;
  encryptionKey: string;
  /** Folder of the embedded server, as an absolute path; undefined with DATABASE_URL. */
  dataDir?: string;
  /** What to tell the operator: `embedded PostgreSQL in .data`, or the host of DATABASE_URL. */
  description: string;
  /** Stops the server if this process started it. */
  stop(): Promise<void>;
}

/** The server of DATABASE_URL, or the embedded one of DATA_DIR: adopted when it runs, else started. */
export async function openDatabaseServer(config: Config, onProgress: (line: string) => void): Promise<DatabaseServer> {
  if (config.DATABASE_URL) {
    const { host } = new URL(config.DATABASE_URL);
    return {
      url: config.DATABASE_URL,
      encryptionKey: config.ENCRYPTION_KEY!,
      description: host,
      stop: async () => undefined,
    };
  }
  await mkdir(config.DATA_DIR, { recursive: true }).catch((error: Error) => {
    throw new OperatorError(
      `DATA_DIR ${config.DATA_DIR} cannot be made: ${error.message}. Choose a folder that this user may write to.`,
    );
  });
  const server = await startEmbeddedPostgres({ dataDir: config.DATA_DIR, onProgress });
  return {
    url: server.url,
    dataDir: resolve(config.DATA_DIR),
    encryptionKey: config.ENCRYPTION_KEY ?? (await keptKey(config.DATA_DIR)),
    description: `embedded PostgreSQL in ${config.DATA_DIR}`,
    stop: () => server.stop(),
  };
}

/** The key made at the first start; losing it loses signing keys and logins, so it lies beside the data. */
async function keptKey(dataDir: string): Promise<string> {
  const file = join(dataDir, 'encryption.key');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(32).toString('base64');
  // Linked into place: nobody reads half a key, and of two who start at once one wins and the other takes its key.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${key}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(file, 'utf8')).trim();
  } finally {
    await rm(draft, { force: true });
  }
}
