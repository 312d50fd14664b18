import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { keepDays } from '../../src/platform/database/day-partitions.ts';
import { startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { libraryMigrations } from './library.ts';

const DENIED = /permission denied/;
const DAY_MS = 86_400_000;
const BY_DAY = ['idempotency_keys', 'bulk_runs'];
const TABLES = [...BY_DAY, 'failed_sign_ins'];

/** What a row has besides its tenant. */
const VALUES: Record<string, [columns: string, values: string, changed: string]> = {
  idempotency_keys: [
    'actor_id, key, fingerprint, status, headers',
    `gen_random_uuid(), 'k', '\\x01', 201, '{}'`,
    'status',
  ],
  bulk_runs: [
    'id, actor_id, mode, state, operations, total',
    `gen_random_uuid(), gen_random_uuid(), 'each', 'queued', '[]', 0`,
    'total',
  ],
  failed_sign_ins: ['key, failures, last_at', `decode(md5(random()::text), 'hex'), 1, now()`, 'failures'],
};

let engine: Engine;
let owner: pg.PoolClient;
let acme: EngineTenant;
let globex: EngineTenant;
beforeAll(async () => {
  engine = await startEngine({ migrations: libraryMigrations });
  [acme, globex] = (await engine.tenants(2)) as [EngineTenant, EngineTenant];
  owner = await engine.owner.connect();
});
afterAll(async () => {
  owner.release();
  await engine.stop();
});

const insertion = (table: string, created?: Date) => {
  const [columns, values] = VALUES[table]!;
  const at = created ? `, '${created.toISOString()}'` : '';
  return `INSERT INTO platform.${table} (tenant_schema, ${columns}${at && ', created_at'}) VALUES ($1, ${values}${at})`;
};

const rowsOf = async (table: string, { binding }: EngineTenant): Promise<object[]> =>
  (
    await owner.query<{ row: object }>(
      `SELECT to_jsonb(t) AS row FROM platform.${table} t WHERE tenant_schema = $1 ORDER BY t`,
      [binding.schema],
    )
  ).rows.map(({ row }) => row);

/** Partitions of a table by what stands behind its name: days, and `default`. */
async function partitionsOf(table: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = $1::regclass ORDER BY 1`,
    [`platform.${table}`],
  );
  return rows.map(({ name }) => name.slice(table.length + 1));
}

const dayName = (time: Date | number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '');
const daysFrom = (first: Date, count: number) =>
  Array.from({ length: count }, (_, ahead) => dayName(first.getTime() + ahead * DAY_MS));

describe.each(TABLES)('rows in platform.%s', (table) => {
  beforeAll(async () => {
    for (const { database, binding } of [acme, globex]) await database.query(insertion(table), [binding.schema]);
  });

  it('are read, changed and removed by their own tenant alone', async () => {
    const theirs = await rowsOf(table, globex);
    expect(theirs).toHaveLength(1);
    const changed = VALUES[table]![2];
    const own = [{ tenant_schema: acme.binding.schema }];
    expect(await acme.database.query(`SELECT tenant_schema FROM platform.${table}`)).toEqual(own);
    expect((await acme.database.query(`UPDATE platform.${table} SET ${changed} = 77 RETURNING 1`))[1]).toBe(1);
    expect(await rowsOf(table, acme)).toMatchObject([{ [changed]: 77 }]);
    const stolen = `UPDATE platform.${table} SET tenant_schema = $1 WHERE tenant_schema = $2`;
    expect((await acme.database.query(stolen, [acme.binding.schema, globex.binding.schema]))[1]).toBe(0);
    // Neither in another's name, nor given away.
    await expect(acme.database.query(insertion(table), [globex.binding.schema])).rejects.toThrow(/row-level security/);
    await expect(acme.database.query(stolen, [globex.binding.schema, acme.binding.schema])).rejects.toThrow(
      /row-level security/,
    );
    expect((await acme.database.query(`DELETE FROM platform.${table} RETURNING 1`))[1]).toBe(1);
    expect(await rowsOf(table, acme)).toEqual([]);
    expect(await rowsOf(table, globex)).toEqual(theirs);
  });

  it('are out of reach past the table, and without a tenant', async () => {
    const partitions = BY_DAY.includes(table) ? await partitionsOf(table) : [];
    for (const partition of partitions)
      for (const statement of ['SELECT 1 FROM', 'DELETE FROM'])
        await expect(globex.database.query(`${statement} platform.${table}_${partition}`)).rejects.toThrow(DENIED);
    await expect(globex.database.query(`TRUNCATE platform.${table}`)).rejects.toThrow(DENIED);
    const home = await engine.loginToHome(0);
    expect((await home.query(`SELECT 1 FROM platform.${table}`)).rows).toEqual([]);
    expect((await home.query(`DELETE FROM platform.${table}`)).rowCount).toBe(0);
    await expect(home.query(insertion(table), [globex.binding.schema])).rejects.toThrow(/row-level security/);
    expect(await rowsOf(table, globex)).toHaveLength(1);
  });
});

const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;

it.each(BY_DAY)('the days of platform.%s are there from the first start, for some days ahead', async (table) => {
  expect(await partitionsOf(table)).toEqual([...daysFrom(new Date(today), 4), 'default']);
});

// Each at a time of its own, for the days of all tables are kept together.
describe.each(BY_DAY.map((table, at) => [table, new Date(today + (400 * at + 0.5) * DAY_MS)] as const))(
  'the days of platform.%s',
  (table, noon) => {
    const later = (days: number) => new Date(noon.getTime() + days * DAY_MS);
    const add = (created: Date) => owner.query(insertion(table, created), [acme.binding.schema]);
    const inPartition = async (name: string) =>
      (await owner.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM platform.${table}_${name}`)).rows[0]!
        .rows;

    it('are made anew each day, and again when none were made for long, with the rows that had none', async () => {
      await keepDays(owner, noon);
      await keepDays(owner, later(1));
      expect(await partitionsOf(table)).toEqual(expect.arrayContaining(daysFrom(noon, 5)));
      // No day was made for two weeks: nothing is refused.
      await add(later(15));
      await add(later(16));
      expect(await inPartition('default')).toBe(2);
      await keepDays(owner, later(16));
      expect(await inPartition('default')).toBe(1);
      expect(await inPartition(dayName(later(16)))).toBe(1);
      expect(await rowsOf(table, acme)).toHaveLength(2);
      expect(await partitionsOf(table)).toEqual(expect.arrayContaining(daysFrom(later(16), 4)));
      // Two instances at once, and once more: there is nothing left to do.
      const before = await partitionsOf(table);
      const second = await engine.owner.connect();
      await Promise.all([keepDays(owner, later(16)), keepDays(second, later(16))]);
      second.release();
      expect(await partitionsOf(table)).toEqual(before);
    });

    it('are dropped with their rows when their time is over, in the default partition as well', async () => {
      await owner.query(`UPDATE platform.bulk_runs SET finished_at = created_at`);
      await keepDays(owner, later(60));
      expect(await partitionsOf(table)).toEqual([...daysFrom(later(60), 4), 'default']);
      expect(await rowsOf(table, acme)).toEqual([]);
    });

    it('are made later when the table is locked, and the lock is not waited for long', async () => {
      const reader = await engine.owner.connect();
      await reader.query(`BEGIN; SELECT 1 FROM platform.${table}`);
      try {
        await keepDays(owner, later(90));
        expect(await partitionsOf(table)).toEqual([...daysFrom(later(60), 4), 'default']);
        await add(later(90));
      } finally {
        await reader.query('ROLLBACK');
        reader.release();
      }
      await keepDays(owner, later(90));
      expect(await partitionsOf(table)).toEqual([...daysFrom(later(90), 4), 'default']);
      expect(await inPartition(dayName(later(90)))).toBe(1);
    });
  },
);

it('a tenant reads what is committed, whatever the default of the database is', async () => {
  await owner.query(`ALTER DATABASE ${engine.database.name} SET default_transaction_isolation = 'repeatable read'`);
  const home = await engine.loginToHome(0);
  expect((await home.query('SHOW transaction_isolation')).rows).toEqual([{ transaction_isolation: 'read committed' }]);
});

describe('what is kept', () => {
  const start = new Date('2031-05-01T12:00:00Z');
  const later = (hours: number) => new Date(start.getTime() + hours * 3_600_000);

  it('of an answer is a day at least, and not much more', async () => {
    await keepDays(owner, start);
    await owner.query(insertion('idempotency_keys', start), [globex.binding.schema]);
    const kept = async () => (await partitionsOf('idempotency_keys')).includes('20310501');
    for (const hours of [12, 24, 36]) {
      await keepDays(owner, later(hours));
      expect(await kept()).toBe(true);
    }
    await keepDays(owner, later(38));
    expect(await kept()).toBe(false);
  });

  it('of a run is a week from its end, and a month of one that never ends', async () => {
    await keepDays(owner, start);
    const run = randomUUID();
    const [columns] = VALUES['bulk_runs']!;
    await owner.query(
      `INSERT INTO platform.bulk_runs (tenant_schema, ${columns}, created_at) VALUES ($1, $2, $2, 'each', 'queued', '[]', 0, $3)`,
      [acme.binding.schema, run, start],
    );
    const kept = async () =>
      (await owner.query('SELECT 1 FROM platform.bulk_runs WHERE id = $1', [run])).rowCount === 1;
    await keepDays(owner, later(20 * 24));
    expect(await kept()).toBe(true);
    await owner.query('UPDATE platform.bulk_runs SET finished_at = $2 WHERE id = $1', [run, later(20 * 24)]);
    await keepDays(owner, later(26 * 24));
    expect(await kept()).toBe(true);
    await keepDays(owner, later(28 * 24));
    expect(await kept()).toBe(false);
    await owner.query(insertion('bulk_runs', start), [globex.binding.schema]);
    const unended = () => rowsOf('bulk_runs', globex);
    await keepDays(owner, later(29 * 24));
    expect(await unended()).not.toEqual([]);
    await keepDays(owner, later(33 * 24));
    expect(await unended()).toEqual([]);
  });

  it('of a count of failed sign-ins is a month from the last one', async () => {
    await owner.query('DELETE FROM platform.failed_sign_ins');
    const sql = `INSERT INTO platform.failed_sign_ins (tenant_schema, key, failures, last_at) VALUES ($1, $2, 9, $3)`;
    for (const [key, hours] of [
      ['a', 0],
      ['b', 48],
    ] as const)
      await owner.query(sql, [acme.binding.schema, Buffer.from(key), later(hours)]);
    await keepDays(owner, later(31 * 24));
    const { rows } = await owner.query<{ key: Buffer }>('SELECT key FROM platform.failed_sign_ins');
    expect(rows.map(({ key }) => key.toString())).toEqual(['b']);
  });
});
