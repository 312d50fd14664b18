import { describe, expect, it } from '@jest/globals';
import { clusterMigrations } from '../../../migrations/cluster/index.ts';
import { registryMigrations } from '../../../migrations/registry/index.ts';
import { tenantMigrations } from '../../../migrations/tenant/index.ts';
import { lintMigrations, type LintRule } from './migration-lint.ts';
import { recordMigration } from './migration-recorder.ts';

async function rulesOf(...statements: string[]): Promise<LintRule[]> {
  const problems = await lintMigrations([{ name: 'Some1700000000000', timestamp: 1_700_000_000_000, statements }]);
  return problems.map(({ rule }) => rule);
}

const BAD: Record<LintRule, string[]> = {
  rewrite: [
    'ALTER TABLE "@tenant".users ALTER COLUMN email TYPE varchar(100)',
    'ALTER TABLE "@tenant".users ADD COLUMN token uuid DEFAULT gen_random_uuid()',
    'ALTER TABLE "@tenant".users ADD COLUMN number serial',
    'ALTER TABLE "@tenant".users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY',
    'ALTER TABLE "@tenant".users ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) STORED',
    'ALTER TABLE "@tenant".users SET UNLOGGED',
    'CLUSTER "@tenant".users USING users_pkey',
    'REFRESH MATERIALIZED VIEW "@tenant".figures',
  ],
  'scan-under-lock': [
    'ALTER TABLE "@tenant".users ALTER COLUMN email SET NOT NULL',
    `ALTER TABLE "@tenant".users ADD CONSTRAINT named CHECK (email <> '')`,
    'ALTER TABLE "@tenant".users ADD CONSTRAINT member FOREIGN KEY (team) REFERENCES "@tenant".teams',
    'ALTER TABLE "@tenant".users ADD COLUMN team uuid REFERENCES "@tenant".teams',
    'ALTER TABLE "@tenant".users ADD COLUMN age integer CHECK (age > 0)',
    'ALTER TABLE "@tenant".users ADD COLUMN age integer NOT NULL',
    'ALTER TABLE "@tenant".users ADD CONSTRAINT given NOT NULL email',
    'ALTER DOMAIN "@tenant".age ADD CHECK (value > 0)',
  ],
  'index-under-lock': [
    'CREATE INDEX users_by_name ON "@tenant".users (last_name)',
    'ALTER TABLE "@tenant".users ADD CONSTRAINT one UNIQUE (email)',
    'ALTER TABLE "@tenant".users ADD COLUMN code text UNIQUE',
    'REINDEX TABLE "@tenant".users',
    'CREATE TABLE IF NOT EXISTS "@tenant".users (id uuid); CREATE INDEX i ON "@tenant".users (id)',
  ],
  contract: [
    'ALTER TABLE "@tenant".users DROP COLUMN email',
    'ALTER TABLE "@tenant".users RENAME COLUMN email TO mail',
    'ALTER TABLE "@tenant".users RENAME TO people',
    'DROP TABLE "@tenant".users',
    'DROP FUNCTION "@tenant".bump()',
    'TRUNCATE "@tenant".users',
  ],
  'unbounded-write': [
    'UPDATE "@tenant".users SET active = true',
    'UPDATE "@tenant".users SET active = true WHERE true',
    'DELETE FROM "@tenant".sessions',
    'WITH gone AS (DELETE FROM "@tenant".sessions RETURNING id) INSERT INTO "@tenant".log SELECT id FROM gone',
  ],
  'explicit-lock': ['LOCK TABLE "@tenant".users IN SHARE MODE'],
  'timeout-removed': ['SET LOCAL lock_timeout = 0', `SET LOCAL statement_timeout = '1h'`, 'RESET ALL'],
  unqualified: [
    'ALTER TABLE users ADD COLUMN nickname text',
    'INSERT INTO "@tenant".roles (key) SELECT key FROM old_roles',
    'WITH gone AS (SELECT id FROM "@tenant".users) DELETE FROM users WHERE id IN (SELECT id FROM gone)',
  ],
  'not-sql': ['ALTER TABLE "@tenant".…', 'DO $$ BEGIN DELETE FROM users; END $$'],
};

const GOOD: Record<LintRule, string[]> = {
  rewrite: [
    'ALTER TABLE "@tenant".users ADD COLUMN nickname text',
    'ALTER TABLE "@tenant".users ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now()',
    `ALTER TABLE "@tenant".users ADD COLUMN colour text NOT NULL DEFAULT 'blue'`,
    'ALTER TABLE "@tenant".users ALTER COLUMN email SET DEFAULT gen_random_uuid()',
  ],
  'scan-under-lock': [
    `ALTER TABLE "@tenant".users ADD CONSTRAINT named CHECK (email <> '') NOT VALID`,
    'ALTER TABLE "@tenant".users VALIDATE CONSTRAINT named',
    'ALTER TABLE "@tenant".users ALTER COLUMN email DROP NOT NULL',
  ],
  'index-under-lock': [
    'CREATE TABLE "@tenant".teams (id uuid PRIMARY KEY, name text UNIQUE); CREATE INDEX i ON "@tenant".teams (name)',
    'ALTER TABLE "@tenant".users ADD CONSTRAINT one UNIQUE USING INDEX users_by_email',
  ],
  contract: [
    'DROP INDEX "@tenant".users_by_name',
    'ALTER TABLE "@tenant".users RENAME CONSTRAINT one TO sole',
    'CREATE TABLE "@tenant".draft (id uuid); DROP TABLE "@tenant".draft',
  ],
  'unbounded-write': [
    'UPDATE "@tenant".users SET active = true WHERE active IS NULL',
    'CREATE TABLE "@tenant".draft (id uuid); UPDATE "@tenant".draft SET id = NULL',
    `INSERT INTO "@tenant".roles (key) VALUES ('guest')`,
  ],
  'explicit-lock': [],
  'timeout-removed': ['SET LOCAL search_path = extensions'],
  unqualified: [
    'WITH gone AS (SELECT id FROM "@tenant".users) DELETE FROM "@tenant".users WHERE id IN (SELECT id FROM gone)',
    'UPDATE "@tenant".users SET active = true WHERE email IN (SELECT rolname FROM pg_roles)',
  ],
  'not-sql': [
    `CREATE FUNCTION "@tenant".bump() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`,
    `COMMENT ON TABLE "@tenant".users IS 'people; all of them'`,
  ],
};

describe.each(Object.keys(BAD) as LintRule[])('%s', (rule) => {
  it.each(BAD[rule])('is said of: %s', async (statement) => {
    expect(await rulesOf(statement)).toContain(rule);
  });

  it('is not said of what does no harm', async () => {
    for (const statement of GOOD[rule]) expect([statement, await rulesOf(statement)]).toEqual([statement, []]);
  });
});

describe('an exception', () => {
  it('stands in the statement, for one rule and with its reason', async () => {
    const drop = 'ALTER TABLE "@tenant".users DROP COLUMN fax';
    expect(await rulesOf(`-- lint allow contract: nobody has read it since 1.4\n${drop}`)).toEqual([]);
    expect(await rulesOf(`${drop} -- lint allow contract: nobody has read it since 1.4`)).toEqual([]);
    expect(await rulesOf(`-- lint allow contract:\n${drop}`)).toEqual(['contract']);
    expect(await rulesOf(`-- lint allow rewrite: it is short\n${drop}`)).toEqual(['contract']);
    expect(await rulesOf(`-- lint allow contract: nobody reads it\n${drop}`, drop)).toEqual(['contract']);
  });
});

describe('a table that a migration made', () => {
  it('is nobody else’s in that migration, and everybody’s in the next', async () => {
    const make = 'CREATE TABLE "@tenant".teams (id uuid)';
    const index = 'CREATE INDEX teams_by_id ON "@tenant".teams (id)';
    expect(await rulesOf(make, index)).toEqual([]);
    const problems = await lintMigrations([
      { name: 'Make1700000000000', timestamp: 1_700_000_000_000, statements: [make] },
      { name: 'Index1700000000001', timestamp: 1_700_000_000_001, statements: [index] },
    ]);
    expect(problems).toMatchObject([{ migration: 'Index1700000000001', rule: 'index-under-lock' }]);
  });
});

it("the product's own migrations pass", async () => {
  const classes = [...tenantMigrations, ...registryMigrations, ...clusterMigrations];
  expect(classes.length).toBeGreaterThanOrEqual(3);
  const recorded = [];
  for (const migration of classes) recorded.push(await recordMigration(migration));
  expect(await lintMigrations(recorded)).toEqual([]);
});
