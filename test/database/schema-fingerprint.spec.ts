import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { describeSchema, fingerprints } from '../../src/platform/database/schema-fingerprint.ts';
import { NASTY_ROWS, nastyMigrations } from '../archive/nasty.ts';
import { connect, makeSchema } from '../archive/schema-on-server.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { startSecondServer, type SecondServer } from '../support/second-server.ts';

/** With what migrations of the product do not have yet, so that every kind of thing is there to be changed. */
const MORE = `
  CREATE VIEW "@tenant".lefts AS SELECT id FROM "@tenant".a_left;
  CREATE INDEX left_index ON "@tenant".a_left (right_id);
  ALTER TABLE "@tenant".a_left ADD CONSTRAINT positive CHECK (id > 0), ALTER right_id SET DEFAULT 7;
  ALTER TABLE "@tenant".nothing ENABLE ROW LEVEL SECURITY;
  CREATE POLICY mine ON "@tenant".nothing USING (id = 1);
  CREATE DOMAIN "@tenant".percent AS integer CHECK (VALUE < 101)`;

const DRIFT: [string, string, RegExp][] = [
  ['a dropped index', 'DROP INDEX "@tenant".left_index', /index on a_left: CREATE INDEX left_index/],
  [
    'a changed default',
    'ALTER TABLE "@tenant".a_left ALTER right_id SET DEFAULT 8',
    /column a_left\.right_id: .*default 8/,
  ],
  ['an extra column', 'ALTER TABLE "@tenant".a_left ADD extra text', /column a_left\.extra/],
  [
    'a changed type',
    'ALTER TABLE "@tenant".nothing ALTER note TYPE varchar(9)',
    /column nothing\.note: .*character varying\(9\)/,
  ],
  [
    'a column that may be NULL',
    'ALTER TABLE "@tenant".a_left ALTER right_id DROP NOT NULL',
    /column a_left\.right_id: .*not null f/,
  ],
  ['a dropped constraint', 'ALTER TABLE "@tenant".a_left DROP CONSTRAINT positive', /constraint positive on a_left/],
  [
    'a dropped foreign key',
    'ALTER TABLE "@tenant".a_left DROP CONSTRAINT "there and back"',
    /constraint there and back on a_left/,
  ],
  [
    'another action of a foreign key',
    `ALTER TABLE "@tenant".a_right DROP CONSTRAINT a_right_left_id_fkey,
    ADD CONSTRAINT a_right_left_id_fkey FOREIGN KEY (left_id) REFERENCES "@tenant".a_left`,
    /constraint a_right_left_id_fkey/,
  ],
  [
    'a changed function',
    `CREATE OR REPLACE FUNCTION "@tenant".note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
    /function note\(\)/,
  ],
  [
    'a new trigger',
    'CREATE TRIGGER again AFTER DELETE ON "@tenant".audited FOR EACH ROW EXECUTE FUNCTION "@tenant".note()',
    /trigger on audited: CREATE TRIGGER again/,
  ],
  [
    'a trigger that was switched off',
    'ALTER TABLE "@tenant".audited DISABLE TRIGGER noted',
    /trigger on audited: .*enabled D/,
  ],
  [
    'a changed view',
    'CREATE OR REPLACE VIEW "@tenant".lefts AS SELECT id + 0 AS id FROM "@tenant".a_left',
    /view lefts/,
  ],
  ['a changed sequence', 'ALTER SEQUENCE "@tenant".loose INCREMENT -4', /sequence loose: .*by -4/],
  [
    'row security that was switched off',
    'ALTER TABLE "@tenant".nothing DISABLE ROW LEVEL SECURITY',
    /table nothing: .*row security f/,
  ],
  ['a changed policy', 'ALTER POLICY mine ON "@tenant".nothing USING (true)', /policy mine on nothing: .*using true/],
  [
    'another value of an enumeration',
    `ALTER TYPE "@tenant"."Mood" RENAME VALUE 'fine' TO 'great'`,
    /type Mood: .*great/,
  ],
  [
    'a domain with another check',
    `ALTER DOMAIN "@tenant".percent ADD CHECK (VALUE > -1)`,
    /type percent: .*VALUE > '-1'/,
  ],
  ['a comment', `COMMENT ON COLUMN "@tenant".nothing.note IS 'new'`, /comment on nothing\.note: new/],
  ['a new table', 'CREATE TABLE "@tenant".new (id integer)', /table new: /],
  [
    'a privilege that everybody got',
    'GRANT SELECT ON "@tenant".nothing TO PUBLIC',
    /grant on nothing to everybody: SELECT/,
  ],
  ['a table that was unlogged', 'ALTER TABLE "@tenant".nothing SET UNLOGGED', /table nothing: .*persistence u/],
];

let database: TestDatabase;
let second: SecondServer;
let servers: Record<string, pg.Client>;

beforeAll(async () => {
  database = await createDatabase();
  second = await startSecondServer();
  servers = { 'PostgreSQL 18': await connect(database.url), 'PostgreSQL 16': await connect(second.url) };
});

afterAll(async () => {
  await Promise.all(Object.values(servers).map((client) => client.end()));
  await second.stop();
  await database.drop();
});

async function hashOf(client: pg.Client, schema: string): Promise<string> {
  const hash = (await fingerprints(client, [schema])).get(schema);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  return hash!;
}

describe.each(['PostgreSQL 18', 'PostgreSQL 16'])('on %s the fingerprint of a schema', (version) => {
  it('equals that of every schema made alike, whatever its rows, and of no other', async () => {
    const client = servers[version]!;
    const alike = [
      await makeSchema(client, nastyMigrations),
      await makeSchema(client, nastyMigrations, { rows: NASTY_ROWS }),
    ];
    const other = await makeSchema(client, tenantMigrations);
    const names = [...alike, other].map(({ schema }) => schema);
    const found = await fingerprints(client, [...names, 't_ffffffffffffffff']);
    expect([...found.keys()].sort()).toEqual([...names].sort());
    expect(found.get(names[0]!)).toBe(found.get(names[1]!));
    expect(found.get(names[0]!)).not.toBe(found.get(names[2]!));
    // Asked for alone it is the same.
    expect(await hashOf(client, names[2]!)).toBe(found.get(names[2]!));
    const lines = await describeSchema(client, names[0]!);
    expect(lines.length).toBeGreaterThan(80);
    expect(await describeSchema(client, names[1]!)).toEqual(lines);
    expect(lines.join('\n')).not.toContain(names[0]);
  });

  it.each(DRIFT)('tells %s', async (_, change, line) => {
    const client = servers[version]!;
    const { schema } = await makeSchema(client, nastyMigrations);
    await client.query(MORE.replaceAll('@tenant', schema));
    const [before, lines] = [await hashOf(client, schema), await describeSchema(client, schema)];
    await client.query(change.replaceAll('@tenant', schema));
    expect(await hashOf(client, schema)).not.toBe(before);
    const now = await describeSchema(client, schema);
    const difference = [...lines.filter((each) => !now.includes(each)), ...now.filter((each) => !lines.includes(each))];
    expect(difference.join('\n')).toMatch(line);
  });
});

describe('of provisioned schemas the fingerprint', () => {
  let engine: Engine;
  let client: pg.PoolClient;

  beforeAll(async () => {
    engine = await startEngine({ migrations: tenantMigrations, homes: 2 });
    client = await engine.owner.connect();
  });

  afterAll(async () => {
    client.release();
    await engine.stop();
  });

  it('knows no name of a role or a home', async () => {
    const bindings = [];
    for (let i = 0; i < 6; i++) bindings.push(await engine.schemas.provision());
    expect(
      new Set(
        (
          await fingerprints(
            client,
            bindings.map(({ schema }) => schema),
          )
        ).values(),
      ).size,
    ).toBe(1);
    expect(await describeSchema(client, bindings[0]!.schema)).toContain(
      'grant on tasks to @role: DELETE, INSERT, SELECT, UPDATE',
    );
  });

  it.each([
    ['on a table', 'REVOKE DELETE ON "@tenant".tasks FROM "@role"'],
    ['on the schema', 'REVOKE USAGE ON SCHEMA "@tenant" FROM "@role"'],
    ['on tables to come', 'ALTER DEFAULT PRIVILEGES IN SCHEMA "@tenant" REVOKE INSERT ON TABLES FROM "@role"'],
    ['on a column, which it got', 'GRANT UPDATE (id) ON "@tenant".migrations TO "@role"'],
  ])('tells when the role loses or gets a privilege %s', async (_, change) => {
    const { schema, role } = await engine.schemas.provision();
    const before = (await fingerprints(client, [schema])).get(schema);
    expect(before).toBeDefined();
    await client.query(change.replaceAll('@tenant', schema).replaceAll('@role', role!));
    expect((await fingerprints(client, [schema])).get(schema)).not.toBe(before);
  });
});
