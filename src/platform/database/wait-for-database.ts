import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const PAUSE_MS = 1_000;
const SAY_EVERY_MS = 10_000;
/** The server is away, starting, stopping or full: all of that passes. A wrong password does not. */
const PASSES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

/**
 * Waits until a database answers, at most for a time: whatever starts the product may start its database beside it. Says
 * nothing about the outcome, because the connection that follows knows best what is wrong.
 *
 * @param say is given a line at once and every ten seconds while it waits
 */
export async function waitForDatabase(url: string, patienceMs: number, say: (line: string) => void): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let saidAt = 0; Date.now() < deadline;) {
    const problem = await tryToConnect(url);
    if (problem === null) return;
    if (Date.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = Date.now();
      say(`waiting for the database (${problem}), ${Math.ceil((deadline - Date.now()) / 1_000)} s left`);
    }
    await sleep(Math.min(PAUSE_MS, Math.max(0, deadline - Date.now())));
  }
}

/** What keeps it from answering, as long as that may pass; null otherwise. */
async function tryToConnect(url: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) return PASSES.has(code) ? message || code : null;
    return /timeout|terminated unexpectedly/.test(message) ? message : null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
