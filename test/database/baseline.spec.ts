import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { prepareDatabase, prepareOtherCluster } from '../../src/platform/database/prepare-database.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import type { TestApp } from '../support/app.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { preparation } from '../support/engine.ts';
import { projectflow } from '../support/projectflow.ts';

const databases: TestDatabase[] = [];
afterEach(async () => {
  while (databases.length > 0) await databases.pop()!.drop();
});

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  databases.push(database);
  return database;
}

async function on({ url }: TestDatabase, ...statements: string[]): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: any[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

const ledger = (schema: string, name: string, timestamp: string) => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  `CREATE TABLE IF NOT EXISTS ${schema}.migrations (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`,
  `INSERT INTO ${schema}.migrations ("timestamp", name) VALUES (${timestamp}, '${name}')`,
];

/** As a development version from before the baseline has left it. */
async function oldDatabase(schema = 'public', name = 'Registry1763700000000'): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await on(
    database,
    ...ledger(schema, name, '1763700000000'),
    `CREATE TABLE ${schema}.${schema === 'public' ? 'tenants' : 'outbox'} (id uuid PRIMARY KEY)`,
  );
  return database;
}

const everything = (database: TestDatabase) =>
  on(
    database,
    `SELECT n.nspname, c.relname, c.xmin::text, c.relfilenode FROM pg_namespace n LEFT JOIN pg_class c ON relnamespace = n.oid
      WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2`,
  );

async function failureOf(starting: Promise<unknown>): Promise<Error> {
  const failure: unknown = await starting.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(OperatorError);
  return failure as Error;
}

describe('a database of a development version from before the baseline', () => {
  it('is refused at the start, before anything is changed, with the way out', async () => {
    const database = await oldDatabase();
    const before = await everything(database);
    expect(before.length).toBeGreaterThan(2);
    const { message } = await failureOf(prepareDatabase(preparation(database)));
    expect(message).toMatch(
      /^The database of DATABASE_URL was made by an earlier development version: public\.migrations/,
    );
    expect(message).toContain('Registry1763700000000');
    expect(message).toContain('Give a new, empty database');
    expect(await everything(database)).toEqual(before);
  });

  it('is refused with the folder that it is in, when the server is the embedded one', async () => {
    const database = await oldDatabase();
    const { message } = await failureOf(prepareDatabase({ ...preparation(database), dataDir: '/srv/acme/.data' }));
    expect(message).toMatch(/^The embedded database in \/srv\/acme\/\.data was made by/);
    expect(message).toContain('Set DATA_DIR to another folder, or delete /srv/acme/.data if nothing');
  });

  it.each([[['tenant', 'list']], [['installation', 'adopt']]])('is refused by %j', async (words) => {
    const database = await oldDatabase();
    const before = await everything(database);
    const { code, stdout, stderr } = await projectflow({ database } as TestApp, words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('made by an earlier development version');
    expect(stderr).not.toContain('    at ');
    expect(await everything(database)).toEqual(before);
  });

  it('is refused as a cluster, also as the main one when only its schema platform is old', async () => {
    const [main, cluster] = [await emptyDatabase(), await oldDatabase('platform', 'Outbox1763700000000')];
    const before = await everything(cluster);
    const prepared = await prepareDatabase(preparation(main));
    const address = { name: 'second', url: cluster.url, replicaUrl: null, homes: 1 };
    const other = await failureOf(prepareOtherCluster(address, prepared, preparation(main)));
    expect(other.message).toMatch(/^The database of cluster second was made by .*Outbox1763700000000/);
    expect((await failureOf(prepareDatabase(preparation(cluster)))).message).toContain('Outbox1763700000000');
    expect(await everything(cluster)).toEqual(before);
  });
});

describe('a database of a newer release', () => {
  it('is worked with, so that a release can be taken back', async () => {
    const database = await emptyDatabase();
    await prepareDatabase(preparation(database));
    for (const schema of ['public', 'platform'])
      await on(database, ...ledger(schema, 'Later1999999999999', '1999999999999'));
    await expect(prepareDatabase(preparation(database))).resolves.toMatchObject({ name: 'main' });
  });

  it('is nothing else than new when its ledger is empty', async () => {
    const database = await emptyDatabase();
    await on(database, ...ledger('public', 'x', '1'), 'DELETE FROM public.migrations');
    await expect(prepareDatabase(preparation(database))).resolves.toMatchObject({ name: 'main' });
  });
});
