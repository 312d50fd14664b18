import type pg from 'pg';
import { sqlState } from './database-problem.ts';

interface ByDay {
  name: string;
  /** Days for which a row is kept at least, from its creation. */
  keptDays: number;
  /** A day with a row for which this holds is kept longer, up to `mostDays`. */
  unless: string;
  mostDays: number;
}

/** How long a repeated request is given the answer of the first: a day. */
export const IDEMPOTENCY_KEPT_MS = 24 * 3_600_000;
/** How long the results of a run can be read after its end. */
const BULK_KEPT_DAYS = 7;

/** Tables of `platform` that are partitioned by the day (UTC) in which a row was made, and lose their old rows by it. */
const BY_DAY: ByDay[] = [
  { name: 'idempotency_keys', keptDays: 1, unless: 'false', mostDays: 1 },
  {
    name: 'bulk_runs',
    keptDays: BULK_KEPT_DAYS,
    unless: `finished_at IS NULL OR finished_at > $1::timestamptz - interval '${BULK_KEPT_DAYS} days'`,
    mostDays: 30,
  },
];

/** A counter of failed sign-ins that did not move for so long is forgotten: who tries then begins anew. */
const COUNTER_KEPT_DAYS = 30;

/** Made ahead, so that rows find their day when no process could make it for some time. */
const DAYS_AHEAD = 3;
const DAY_MS = 86_400_000;
/** Transactions that began before midnight, and clocks that are apart. */
const MARGIN_MS = 3_600_000;
/** Behind a waiting DDL every request of its table queues: it gives up soon, and is tried again. */
const LOCK_TIMEOUT = '400ms';
const DAYS_LOCK = 0x70_66_6c_64;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Makes the partitions of the days to come, drops those whose rows are past their time, and does the same for rows that are in
 * no day. What cannot be locked soon is left to the next time: rows without their day are in the default partition until then.
 *
 * @param now the database's time where not given
 */
export async function keepDays(owner: pg.ClientBase, now?: Date): Promise<void> {
  const time = now ?? (await owner.query<{ now: Date }>('SELECT now()')).rows[0]!.now;
  for (const table of BY_DAY) {
    const days = await listDays(owner, table);
    const steps = [
      ...daysToMake(days, time).map((day) => () => makeDay(owner, table, day)),
      ...days.filter((day) => isPast(day, table.keptDays, time)).map((day) => () => dropDay(owner, table, day, time)),
      () => removeDayless(owner, table, time),
    ];
    // One after the other, and no further when the table is in use: requests wait behind each try.
    for (const step of steps) if (!(await alone(owner, step))) break;
  }
  await owner.query('DELETE FROM platform.failed_sign_ins WHERE last_at < $1', [before(time, COUNTER_KEPT_DAYS)]);
}

/** Days since 1970 for which there is a partition. */
async function listDays(owner: pg.ClientBase, { name }: ByDay): Promise<number[]> {
  const { rows } = await owner.query<{ day: string }>(
    `SELECT substring(relname FROM '_(\\d{8})$') AS day FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
      WHERE inhparent = to_regclass($1) AND relname ~ '_\\d{8}$' ORDER BY 1`,
    [`platform.${name}`],
  );
  return rows.map(({ day }) => Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`) / DAY_MS);
}

function daysToMake(days: number[], now: Date): number[] {
  const today = Math.floor(now.getTime() / DAY_MS);
  return Array.from({ length: 1 + DAYS_AHEAD }, (_, ahead) => today + ahead).filter((day) => !days.includes(day));
}

function isPast(day: number, keptDays: number, now: Date): boolean {
  return (day + 1 + keptDays) * DAY_MS + MARGIN_MS < now.getTime();
}

/** Beside its table first, with the rows of the day that went to the default partition; then attached, which lets writers go on. */
async function makeDay(owner: pg.ClientBase, { name }: ByDay, day: number): Promise<void> {
  const made = partition(name, day);
  if (await exists(owner, made)) return;
  const bounds = [day, day + 1].map((each) => `'${new Date(each * DAY_MS).toISOString()}'`);
  await owner.query(`LOCK TABLE platform.${name}_default IN ACCESS EXCLUSIVE MODE`);
  await owner.query(`CREATE TABLE ${made} (LIKE platform.${name} INCLUDING ALL)`);
  await owner.query(
    `WITH moved AS (DELETE FROM platform.${name}_default WHERE created_at >= ${bounds[0]} AND created_at < ${bounds[1]} RETURNING *)
     INSERT INTO ${made} SELECT * FROM moved`,
  );
  await owner.query(
    `ALTER TABLE platform.${name} ATTACH PARTITION ${made} FOR VALUES FROM (${bounds[0]}) TO (${bounds[1]})`,
  );
}

async function dropDay(owner: pg.ClientBase, table: ByDay, day: number, now: Date): Promise<void> {
  const past = partition(table.name, day);
  if (!(await exists(owner, past))) return;
  if (!isPast(day, table.mostDays, now)) {
    const { rows } = await owner.query<{ needed: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM ${past} WHERE $1::timestamptz IS NOT NULL AND (${table.unless})) AS needed`,
      [now],
    );
    if (rows[0]!.needed) return;
  }
  await owner.query(`DROP TABLE ${past}`);
}

/** Of the default partition, in which there is nothing as a rule. */
async function removeDayless(owner: pg.ClientBase, table: ByDay, now: Date): Promise<void> {
  await owner.query(
    `DELETE FROM platform.${table.name}_default
      WHERE created_at < $2 AND (created_at < $3 OR NOT ($1::timestamptz IS NOT NULL AND (${table.unless})))`,
    [now, before(now, table.keptDays), before(now, table.mostDays)],
  );
}

/** In a transaction of its own. @returns false when another instance is at it, or the table is in use for longer */
async function alone(owner: pg.ClientBase, work: () => Promise<void>): Promise<boolean> {
  await owner.query('BEGIN');
  try {
    await owner.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    const { rows } = await owner.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [
      DAYS_LOCK,
    ]);
    if (rows[0]!.locked) await work();
    await owner.query('COMMIT');
    return rows[0]!.locked;
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return false;
  }
}

async function exists(owner: pg.ClientBase, relation: string): Promise<boolean> {
  const { rows } = await owner.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [relation]);
  return rows[0]!.there;
}

const partition = (table: string, day: number): string =>
  `platform.${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;

const before = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS);
