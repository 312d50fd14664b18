import { describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefused } from './database.errors.ts';
import { recordMigration, type MigrationClass } from './migration-recorder.ts';
import { asScript, TenantScript } from './tenant-script.ts';

function migration(
  up: (runner: QueryRunner) => Promise<unknown>,
  down = up,
  name = 'Test1700000000001',
): MigrationClass {
  return class implements MigrationInterface {
    name = name;
    async up(runner: QueryRunner): Promise<void> {
      await up(runner);
    }
    async down(runner: QueryRunner): Promise<void> {
      await down(runner);
    }
  };
}

const running = (...texts: string[]) =>
  migration(async (runner) => {
    for (const text of texts) await runner.query(text);
  });

const CREATE = 'CREATE TABLE "@tenant".tasks (id uuid PRIMARY KEY)';
const FUNCTION = `CREATE FUNCTION "@tenant".touch() RETURNS trigger LANGUAGE plpgsql AS $body$
  BEGIN
    SET LOCAL statement_timeout = 0; -- and a comment; COMMIT;
    COMMIT;
    RETURN NEW;
  END $body$`;

describe('a migration', () => {
  it('is recorded as its statements, with the placeholder and without closing semicolons', async () => {
    const recorded = await recordMigration(
      running(`${CREATE};`, '\n  ALTER TABLE "@tenant".tasks ADD title text ;\n', 'SET LOCAL lock_timeout = 0'),
    );
    expect(recorded).toEqual({
      timestamp: 1_700_000_000_001,
      name: 'Test1700000000001',
      statements: [CREATE, 'ALTER TABLE "@tenant".tasks ADD title text', 'SET LOCAL lock_timeout = 0'],
    });
  });

  it('is recorded backwards as well', async () => {
    const both = migration(
      (runner) => runner.query(CREATE),
      (runner) => runner.query('DROP TABLE "@tenant".tasks'),
    );
    expect((await recordMigration(both, 'down')).statements).toEqual(['DROP TABLE "@tenant".tasks']);
  });

  it.each([
    CREATE,
    FUNCTION,
    'DO $$ BEGIN PERFORM 1; END $$',
    `INSERT INTO "@tenant".roles (name) VALUES ('COMMIT; SELECT 1'), ('it''s; ROLLBACK')`,
    `COMMENT ON TABLE "@tenant".tasks IS 'built CONCURRENTLY; BEGIN'`,
    'CREATE TABLE "@tenant".a (); CREATE TABLE "@tenant".b ();',
    'CREATE VIEW "@tenant".open AS SELECT * FROM "@tenant".tasks',
    'INSERT INTO "@tenant".a SELECT * FROM "@tenant".b',
    `UPDATE "@tenant".tasks SET title = '/* not a comment' -- ; COMMIT\n`,
    'CREATE TABLE "@tenant"."; COMMIT;" ()',
  ])('may run %s', async (text) => {
    expect((await recordMigration(running(text))).statements).toHaveLength(1);
  });

  it.each<[string, RegExp]>([
    ['SELECT 1', /reads\. A recording has no rows to give/],
    ['  -- with a comment\n  select 1', /reads/],
    ['(SELECT 1) UNION (SELECT 2)', /reads/],
    ['WITH x AS (SELECT 1) SELECT * FROM x', /reads/],
    ['TABLE "@tenant".tasks', /reads/],
    ['VALUES (1)', /reads/],
    ['SHOW search_path', /reads/],
    ['EXPLAIN SELECT 1', /reads/],
    ['BEGIN', /controls the transaction\. All migrations of a tenant run in one/],
    ['START TRANSACTION', /controls the transaction/],
    ['commit', /controls the transaction/],
    ['END', /controls the transaction/],
    ['ROLLBACK TO SAVEPOINT a', /controls the transaction/],
    ['ABORT', /controls the transaction/],
    ['SAVEPOINT a', /controls the transaction/],
    ['RELEASE a', /controls the transaction/],
    [`PREPARE TRANSACTION 'x'`, /controls the transaction/],
    [`${CREATE}; COMMIT; ${CREATE}`, /controls the transaction/],
    [`${CREATE};; /* c */ COMMIT`, /controls the transaction/],
    [`${FUNCTION}; COMMIT`, /controls the transaction/],
    [`INSERT INTO "@tenant".a VALUES ('it''s'); COMMIT; --'`, /controls the transaction/],
    [`UPDATE "@tenant".a SET b = '--'; COMMIT; UPDATE "@tenant".a SET b = '--'`, /controls the transaction/],
    [';COMMIT', /controls the transaction/],
    ['CREATE INDEX CONCURRENTLY i ON "@tenant".tasks (id)', /CONCURRENTLY, which cannot run in a transaction/],
    ['DROP INDEX concurrently "@tenant".i', /CONCURRENTLY/],
    ['REINDEX TABLE CONCURRENTLY "@tenant".tasks', /CONCURRENTLY/],
    ['SET search_path = public', /SET, which outlives the transaction; use SET LOCAL/],
    ['SET SESSION lock_timeout = 0', /use SET LOCAL/],
    [`${CREATE}; SET ROLE none`, /use SET LOCAL/],
    ['RESET ALL', /touches the session/],
    ['DISCARD ALL', /touches the session/],
    ['LISTEN a', /touches the session/],
    ['NOTIFY a', /touches the session/],
    ['COPY "@tenant".tasks FROM STDIN', /touches the session/],
    ['VACUUM "@tenant".tasks', /cannot run in a transaction/],
  ])('is refused that runs %s', async (text, reason) => {
    const work = recordMigration(running(CREATE, text));
    await expect(work).rejects.toThrow(MigrationRefused);
    await expect(work).rejects.toThrow(reason);
    await expect(work).rejects.toThrow(/^Migration Test1700000000001: /);
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>, RegExp]>([
    [
      'uses parameters',
      (runner) => runner.query('DELETE FROM "@tenant".tasks WHERE id = $1', ['x']),
      /uses parameters, which a script cannot carry/,
    ],
    ['uses no parameters, but says so', (runner) => runner.query(CREATE, []), /uses parameters/],
    ['runs something else than text', (runner) => runner.query(7 as unknown as string), /takes a text/],
    [
      'asks whether a table is there',
      (runner) => runner.hasTable('tasks'),
      /uses queryRunner\.hasTable; a recording has query\(text\) and nothing else/,
    ],
    ['makes a table by an object', (runner) => runner.createTable(undefined as never), /uses queryRunner\.createTable/],
    ['begins a transaction', (runner) => runner.startTransaction(), /uses queryRunner\.startTransaction/],
    ['uses repositories', (runner) => runner.manager.find('Task'), /uses queryRunner\.manager/],
    [
      'counts rows',
      async (runner) => ((await runner.query(CREATE)) as unknown[]).length,
      /looks at the answer of a statement/,
    ],
    ['looks at the first row', async (runner) => ((await runner.query(CREATE)) as unknown[])[0], /looks at the answer/],
    ['takes rows apart', async (runner) => [...((await runner.query(CREATE)) as unknown[])], /looks at the answer/],
    [
      'lists what came back',
      async (runner) => Object.keys((await runner.query(CREATE)) as object),
      /looks at the answer/,
    ],
    [
      'asks whether something came back',
      async (runner) => 'id' in ((await runner.query(CREATE)) as object),
      /looks at the answer/,
    ],
    ['prints what came back', async (runner) => `${String(await runner.query(CREATE))}`, /looks at the answer/],
    [
      'sends what came back as JSON',
      async (runner) => JSON.stringify(await runner.query(CREATE)),
      /looks at the answer/,
    ],
    ['does nothing', async () => undefined, /its up\(\) ran no statement/],
  ])('is refused that %s', async (_, up, reason) => {
    const work = recordMigration(migration(up));
    await expect(work).rejects.toThrow(MigrationRefused);
    await expect(work).rejects.toThrow(reason);
  });

  it.each<[string, () => unknown]>([
    ['a clock', () => performance.now()],
    ['a random value', () => Math.random()],
    ['state', (() => { let calls = 0; return () => (calls += 1); })()], // prettier-ignore
  ])('is refused when %s makes its text another one each time', async (_, value) => {
    const unsteady = migration((runner) => runner.query(`INSERT INTO "@tenant".tasks VALUES ('${String(value())}')`));
    await expect(recordMigration(unsteady)).rejects.toThrow(/recorded twice, it gave two texts/);
  });

  it('needs a timestamp in its name', async () => {
    const nameless = migration((runner) => runner.query(CREATE), undefined, 'Nameless');
    await expect(recordMigration(nameless)).rejects.toThrow(/must end with a 13-digit timestamp/);
  });
});

describe('a script', () => {
  const at = (time: number, text: string) => migration((runner) => runner.query(text), undefined, `At${time}`);

  it('has the migrations in the order of their timestamps, and the newest gives its version', async () => {
    const script = await TenantScript.record(
      [at(1_700_000_000_002, 'DROP TABLE b'), at(1_700_000_000_001, 'DROP TABLE a')],
      () => [],
    );
    expect(script.migrations.map(({ timestamp }) => timestamp)).toEqual([1_700_000_000_001, 1_700_000_000_002]);
    expect(script.version).toBe(1_700_000_000_002);
    const names = (ledger: number[]) => script.missingFrom(ledger).map(({ name }) => name);
    expect(names([1_700_000_000_001])).toEqual(['At1700000000002']);
    expect(names([1_700_000_000_002])).toEqual(['At1700000000001']);
    expect(names([1_700_000_000_001, 1_700_000_000_002])).toEqual([]);
    expect(script.upTo(1_700_000_000_001).map(({ name }) => name)).toEqual(['At1700000000001']);
    expect(await script.undoDownTo(0)).toMatchObject([{ name: 'At1700000000002' }, { name: 'At1700000000001' }]);
  });

  it('takes no two migrations of the same moment: the later one would never reach a schema that has the first', async () => {
    const twins = TenantScript.record(
      [at(1_700_000_000_001, 'DROP TABLE a'), at(1_700_000_000_001, 'DROP TABLE b')],
      () => [],
    );
    await expect(twins).rejects.toThrow(/has the same timestamp as/);
  });

  it('keeps statements apart that end with a comment', () => {
    expect(asScript(['DROP TABLE "@tenant".a -- no longer used', 'DROP TABLE "@tenant".b'], 't_1')).toBe(
      'DROP TABLE "t_1".a -- no longer used\n;\nDROP TABLE "t_1".b\n;',
    );
  });
});
