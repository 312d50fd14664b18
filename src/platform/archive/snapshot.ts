import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { sqlState } from '../database/database-problem.ts';
import { OperatorError } from '../errors/app-error.ts';
import {
  listTables,
  pinSettings,
  qualified,
  readSchemaVersion,
  readSequences,
  readTables,
  type Place,
  type SequenceState,
  type TableShape,
} from './schema-shape.ts';

/** A schema at one moment, in an open transaction that the caller ends: COMMIT or ROLLBACK, which also lifts the fence. */
export interface Snapshot extends Place {
  tables: TableShape[];
  sequences: SequenceState[];
  schemaVersion: number;
  /** Such as 18.4. */
  serverVersion: string;
}

export interface SnapshotOptions {
  /**
   * Nobody writes to the schema until the transaction ends; readers go on. For a move: copy, switch, then end the
   * transaction. Without it the schema lives on, and only its migrations wait.
   */
  fence?: boolean;
  /** Milliseconds for the locks, in all. */
  patience?: number;
}

/**
 * At first below the server's deadlock_timeout of a second: who waits crosswise with a writer gives up before the server
 * chooses one of them. And as long as a waiting lock makes all later writers queue behind it, it had better be short. Then
 * above it, because only who has waited so long ends a vacuum that is in the way.
 */
const LOCK_TIMEOUTS_MS = [800, 1_500];
const PAUSE_MS = 200;

const LOCK_NOT_AVAILABLE = '55P03';
/** Timeout, deadlock, and tables that were dropped between being listed and being locked. */
const TRY_AGAIN = new Set([LOCK_NOT_AVAILABLE, '40P01', '42P01']);

/**
 * Begins a transaction on the client that sees the schema as it is now.
 *
 * @throws OperatorError when there is no such schema, or its writers did not pause in time. No transaction is open then.
 */
export async function beginSnapshot(
  client: pg.ClientBase,
  schema: string,
  { fence = false, patience = 10_000 }: SnapshotOptions = {},
): Promise<Snapshot> {
  if (client.getTransactionStatus() === 'T') throw new Error('the snapshot begins a transaction, and one is open');
  const place = { client, schema };
  const began = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) await sleep(PAUSE_MS);
    const tables = await listTables(place, { ledger: true });
    if (tables.length === 0) throw new OperatorError(`There is no schema ${schema} with tables in this database.`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      // Before the first query: what a writer commits while we wait for it must be in the snapshot.
      await client.query(
        `SET LOCAL lock_timeout = '${LOCK_TIMEOUTS_MS[attempt % LOCK_TIMEOUTS_MS.length]}ms';
         LOCK TABLE ${tables.map((table) => qualified(schema, table)).join(', ')} IN ${fence ? 'SHARE' : 'ACCESS SHARE'} MODE`,
      );
      await pinSettings(place);
      // A migration may have made another table before its ledger was locked.
      if ((await listTables(place, { ledger: true })).join('\n') === tables.join('\n')) return await read(place);
    } catch (error) {
      if (!TRY_AGAIN.has(sqlState(error) ?? '')) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    }
    await client.query('ROLLBACK');
    if (performance.now() - began < patience) continue;
    throw new OperatorError(
      `Schema ${schema} was written to or migrated for ${patience} ms without a pause. Nothing was changed; try again when it is calmer.`,
    );
  }
}

async function read(place: Place): Promise<Snapshot> {
  const { rows } = await place.client.query<{ version: string }>(`SELECT split_part(version(), ' ', 2) AS version`);
  return {
    ...place,
    tables: await readTables(place),
    // After the snapshot was taken: a value drawn since then is skipped, never given twice.
    sequences: await readSequences(place),
    schemaVersion: await readSchemaVersion(place),
    serverVersion: rows[0]!.version,
  };
}
