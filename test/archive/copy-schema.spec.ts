import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { compareSchemas } from '../../src/platform/archive/compare-schemas.ts';
import { copySchema } from '../../src/platform/archive/copy-schema.ts';
import { beginSnapshot } from '../../src/platform/archive/snapshot.ts';
import { describeSchema } from '../../src/platform/database/schema-fingerprint.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startSecondServer, type SecondServer } from '../support/second-server.ts';
import { libraryMigrations } from '../database/library.ts';
import { NASTY_ROWS, nastyMigrations, nastySeed } from './nasty.ts';
import { connect, contents, makeSchema } from './schema-on-server.ts';

let database: TestDatabase;
let second: SecondServer;
const clients: pg.Client[] = [];

const here = () => opened(database.url);
const there = () => opened(second.url);

async function opened(url: string): Promise<pg.Client> {
  const client = await connect(url);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  database = await createDatabase();
  second = await startSecondServer();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

afterAll(async () => {
  await second.stop();
  await database.drop();
});

describe.each([
  ['from PostgreSQL 18 to 16', () => here(), () => there()],
  ['from PostgreSQL 16 to 18', () => there(), () => here()],
  ['within one server', () => here(), () => here()],
])('a schema that is copied %s', (_, from, to) => {
  it('is equal row by row, goes on with its sequences, and keeps its constraints and triggers', async () => {
    const source = await makeSchema(await from(), nastyMigrations, { seed: nastySeed, rows: NASTY_ROWS });
    const target = await makeSchema(await to(), nastyMigrations, { seed: nastySeed });
    const before = await describeSchema(target.client, target.schema);
    const snapshot = await beginSnapshot(source.client, source.schema);
    await target.client.query('BEGIN');
    const copied = await copySchema({ from: snapshot, to: target });
    expect(await compareSchemas(snapshot, target)).toEqual([]);
    await target.client.query('COMMIT');
    await source.client.query('COMMIT');

    const expected = await contents(source);
    expect(Object.keys(expected)).toHaveLength(14);
    expect(await contents(target)).toEqual(expected);
    expect(await describeSchema(target.client, target.schema)).toEqual(before);
    expect(copied.find(({ name }) => name === 'a_left')).toEqual({
      name: 'a_left',
      rows: 100,
      bytes: expected['a_left']!.length,
    });
    const { rows } = await target.client.query(`INSERT INTO "${target.schema}".everything DEFAULT VALUES RETURNING id`);
    expect(rows).toEqual([{ id: 9 }]);
  });

  it('may be one of the product, with roles from the seeds that were changed since', async () => {
    const roles = [`INSERT INTO "@tenant".roles (key, name, level, grants) VALUES ('owner', 'Owner', 50, '{a,b}')`];
    const source = await makeSchema(await from(), tenantMigrations, {
      rows: [...roles, `UPDATE "@tenant".roles SET name = 'Boss'`],
    });
    const target = await makeSchema(await to(), tenantMigrations, { seed: () => roles });
    const snapshot = await beginSnapshot(source.client, source.schema);
    await target.client.query('BEGIN');
    await copySchema({ from: snapshot, to: target });
    await target.client.query('COMMIT');
    expect(await contents(target)).toEqual(await contents(source));
  });
});

describe('a snapshot', () => {
  it('is of one moment, while the schema lives on', async () => {
    const source = await makeSchema(await here(), libraryMigrations, {
      rows: [`INSERT INTO "@tenant".tags VALUES ('old')`],
    });
    const snapshot = await beginSnapshot(source.client, source.schema);
    const writer = await here();
    await writer.query(`INSERT INTO "${source.schema}".tags VALUES ('new')`);
    const target = await makeSchema(await there(), libraryMigrations);
    await target.client.query('BEGIN');
    await copySchema({ from: snapshot, to: target });
    await target.client.query('COMMIT');
    expect(await contents(target)).toMatchObject({ tags: 'old\t0\n' });
  });

  it('with a fence lets nobody write until it ends, holds what was committed before, and lets everybody read', async () => {
    const source = await makeSchema(await here(), libraryMigrations);
    const [writer, late] = [await here(), await here()];
    await writer.query(`BEGIN; INSERT INTO "${source.schema}".tags VALUES ('just in time')`);
    const beginning = beginSnapshot(source.client, source.schema, { fence: true });
    await eventually(() => waiting(late, source.client));
    await writer.query('COMMIT');
    await beginning;
    const { rows } = await source.client.query(`SELECT name FROM "${source.schema}".tags`);
    expect(rows).toEqual([{ name: 'just in time' }]);

    const write = `INSERT INTO "${source.schema}".tags VALUES ('too late')`;
    await expect(late.query(`BEGIN; SET LOCAL lock_timeout = '50ms'; ${write}`)).rejects.toThrow('lock timeout');
    await late.query('ROLLBACK');
    expect((await late.query(`SELECT name FROM "${source.schema}".tags`)).rows).toHaveLength(1);
    await source.client.query('ROLLBACK');
    await late.query(write);
  });

  it('with a fence waits for no writer longer than it is told, and leaves no transaction behind', async () => {
    const source = await makeSchema(await here(), libraryMigrations);
    const writer = await here();
    await writer.query(`BEGIN; INSERT INTO "${source.schema}".tags VALUES ('takes its time')`);
    const beginning = beginSnapshot(source.client, source.schema, { fence: true, patience: 1 });
    await expect(beginning).rejects.toThrow(OperatorError);
    expect(source.client.getTransactionStatus()).toBe('I');
    await writer.query('COMMIT');
  });

  it('keeps migrations away', async () => {
    const source = await makeSchema(await here(), libraryMigrations);
    await beginSnapshot(source.client, source.schema);
    const migration = `ALTER TABLE "${source.schema}".tags ADD colour text`;
    const other = await here();
    await expect(other.query(`BEGIN; SET LOCAL lock_timeout = '50ms'; ${migration}`)).rejects.toThrow('lock timeout');
  });

  it('is refused of a schema that is not there, and within a transaction', async () => {
    const client = await here();
    await expect(beginSnapshot(client, 't_0000000000000000')).rejects.toThrow(OperatorError);
    await client.query('BEGIN');
    await expect(beginSnapshot(client, 't_0000000000000000')).rejects.toThrow('one is open');
  });
});

describe('a copy', () => {
  it('is refused between schemas of different versions, whichever is ahead', async () => {
    const [old, ahead] = [
      await makeSchema(await here(), libraryMigrations.slice(0, 1)),
      await makeSchema(await here(), libraryMigrations),
    ];
    for (const [source, target] of [
      [old, ahead],
      [ahead, old],
    ] as const) {
      const snapshot = await beginSnapshot(source.client, source.schema);
      await target.client.query('BEGIN').catch(() => undefined);
      await expect(copySchema({ from: snapshot, to: target })).rejects.toThrow('no table "book_tags"');
      for (const { client } of [source, target]) await client.query('ROLLBACK');
    }
  });

  it('is refused outside a transaction, before it changes anything', async () => {
    const source = await makeSchema(await here(), libraryMigrations);
    const target = await makeSchema(await there(), libraryMigrations, {
      rows: [`INSERT INTO "@tenant".tags VALUES ('kept')`],
    });
    const snapshot = await beginSnapshot(source.client, source.schema);
    await expect(copySchema({ from: snapshot, to: target })).rejects.toThrow('transaction block');
    expect(await contents(target)).toMatchObject({ tags: 'kept\t0\n' });
  });

  it('that fails on the way leaves the target as it was, and does not hang on the source', async () => {
    const rows = [`INSERT INTO "@tenant".tags SELECT 'tag ' || n FROM generate_series(1, 200000) n`];
    const source = await makeSchema(await here(), libraryMigrations, { rows });
    const target = await makeSchema(await there(), libraryMigrations, {
      rows: [`INSERT INTO "@tenant".tags VALUES ('kept')`],
    });
    await target.client.query(`ALTER TABLE "${target.schema}".tags ADD CHECK (name <> 'tag 1')`);
    const before = await describeSchema(target.client, target.schema);
    const snapshot = await beginSnapshot(source.client, source.schema);
    await target.client.query('BEGIN');
    await expect(copySchema({ from: snapshot, to: target })).rejects.toThrow('violates check constraint');
    await target.client.query('ROLLBACK');
    expect(await contents(target)).toMatchObject({ tags: 'kept\t0\n' });
    expect(await describeSchema(target.client, target.schema)).toEqual(before);
    await source.client.query('ROLLBACK').catch(() => undefined);
  });

  it('does not take rows whose foreign keys lead nowhere', async () => {
    const source = await makeSchema(await here(), libraryMigrations);
    await source.client.query(`ALTER TABLE "${source.schema}".pages DROP CONSTRAINT pages_book_id_fkey`);
    await source.client.query(`INSERT INTO "${source.schema}".pages (number, book_id) VALUES (1, 77)`);
    const target = await makeSchema(await there(), libraryMigrations);
    const snapshot = await beginSnapshot(source.client, source.schema);
    await target.client.query('BEGIN');
    await expect(copySchema({ from: snapshot, to: target })).rejects.toThrow('violates foreign key constraint');
  });
});

/** @throws while the client waits for no lock */
async function waiting(observer: pg.Client, client: pg.Client): Promise<void> {
  const { processID } = client as pg.Client & { processID: number };
  const { rows } = await observer.query<{ type: string }>(
    'SELECT wait_event_type AS type FROM pg_stat_activity WHERE pid = $1',
    [processID],
  );
  expect(rows).toEqual([{ type: 'Lock' }]);
}
