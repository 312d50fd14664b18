import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { compareSchemas } from '../../src/platform/archive/compare-schemas.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startSecondServer, type SecondServer } from '../support/second-server.ts';
import { libraryMigrations } from '../database/library.ts';
import { connect, makeSchema, type TestSchema } from './schema-on-server.ts';

const ROWS = [
  `INSERT INTO "@tenant".tags SELECT 'tag ' || n, n FROM generate_series(1, 10) n`,
  `INSERT INTO "@tenant".books (title) VALUES ('One'), ('Two')`,
];

let database: TestDatabase;
let second: SecondServer;
let left: TestSchema;
let right: TestSchema;

beforeAll(async () => {
  database = await createDatabase();
  second = await startSecondServer();
  left = await makeSchema(await connect(database.url), libraryMigrations, { rows: ROWS });
  right = await makeSchema(await connect(second.url), libraryMigrations, { rows: ROWS });
});

afterAll(async () => {
  await Promise.all([left.client.end(), right.client.end()]);
  await second.stop();
  await database.drop();
});

/** What differs after a change on the right that does not stay. */
async function afterwards(change: string): Promise<[string, number | undefined, number | undefined][]> {
  const both = [left.client, right.client] as pg.Client[];
  for (const client of both) await client.query('BEGIN');
  await right.client.query(change.replaceAll('@tenant', right.schema));
  const differences = await compareSchemas(left, right);
  for (const client of both) await client.query('ROLLBACK');
  return differences.map(({ table, from, to }) => [table, from?.rows, to?.rows]);
}

describe('two schemas', () => {
  it('are equal on servers with other settings, whatever the order of rows and columns', async () => {
    expect(await afterwards(`SET LOCAL TimeZone = 'Asia/Kathmandu'; SET LOCAL DateStyle = 'SQL, DMY'`)).toEqual([]);
    const reordered = `
      UPDATE "@tenant".tags SET uses = uses WHERE name = 'tag 3';
      ALTER TABLE "@tenant".tags RENAME name TO old; ALTER TABLE "@tenant".tags ADD name text;
      UPDATE "@tenant".tags SET name = old; ALTER TABLE "@tenant".tags DROP old CASCADE`;
    expect(await afterwards(reordered)).toEqual([]);
  });

  it.each<[string, string, [string, number | undefined, number | undefined][]]>([
    ['a row that is missing', `DELETE FROM "@tenant".tags WHERE name = 'tag 7'`, [['tags', 10, 9]]],
    ['a row that is new', `INSERT INTO "@tenant".authors (name) VALUES ('Ann')`, [['authors', 0, 1]]],
    ['a value that changed', `UPDATE "@tenant".tags SET uses = 70 WHERE name = 'tag 7'`, [['tags', 10, 10]]],
    ['NULL in place of nothing', `UPDATE "@tenant".books SET title = '' WHERE id = 1`, [['books', 2, 2]]],
    [
      'values that changed places',
      `UPDATE "@tenant".tags SET uses = 3 - uses WHERE name IN ('tag 1', 'tag 2')`,
      [['tags', 10, 10]],
    ],
    [
      'a pair of equal rows in place of another pair',
      `ALTER TABLE "@tenant".books DROP id CASCADE; UPDATE "@tenant".books SET title = 'One'`,
      [['books', 2, 2]],
    ],
    ['a table that is gone', `DROP TABLE "@tenant".tags CASCADE`, [['tags', 10, undefined]]],
    ['a column that an empty table has more', `ALTER TABLE "@tenant".pages ADD note text`, [['pages', 0, 0]]],
  ])('differ by %s', async (_, change, differences) => {
    expect(await afterwards(change)).toEqual(differences);
  });

  it('are compared without a trace in the transactions of the caller', async () => {
    await left.client.query(`BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'`);
    await right.client.query('BEGIN');
    await compareSchemas(left, right);
    expect((await left.client.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }]);
    for (const { client } of [left, right]) await client.query('ROLLBACK');
  });

  it('are not compared outside transactions, where the values could be printed in any way', async () => {
    await expect(compareSchemas(left, right)).rejects.toThrow('transaction block');
  });
});
