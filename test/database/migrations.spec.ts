import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import type { TenantBinding } from '../../src/platform/database/lease.ts';
import type { MigrationClass } from '../../src/platform/database/migration-recorder.ts';
import { startEngine, type Engine, type Schemas } from '../support/engine.ts';
import { fingerprint } from './fingerprint.ts';
import { libraryMigrations } from './library.ts';

const NEWEST = 1_700_000_000_003;

class Loans1700000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "@tenant".loans (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, reader text)`,
    );
    await queryRunner.query(`ALTER TABLE "@tenant".books ADD lent boolean NOT NULL DEFAULT false -- until it is back`);
    await queryRunner.query(`CREATE INDEX books_lent ON "@tenant".books (lent) WHERE lent`);
    await queryRunner.query(`CREATE FUNCTION "@tenant".bump() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$`);
    await queryRunner.query(
      `CREATE TRIGGER bump BEFORE UPDATE ON "@tenant".books FOR EACH ROW EXECUTE FUNCTION "@tenant".bump()`,
    );
    await queryRunner.query(`INSERT INTO "@tenant".tags (name) VALUES ('lent; really'), ('$& $1')`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".loans`);
  }
}

class Broken1700000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE "@tenant".half ()`);
    await queryRunner.query(`UPDATE "@tenant".tags SET uses = uses + 1`);
    await queryRunner.query(`ALTER TABLE "@tenant".no_such_table ADD half boolean`);
  }
  async down(): Promise<void> {}
}

const older = libraryMigrations;
const newer = [...libraryMigrations, Loans1700000000003];

let engine: Engine;
let newSchemas: Schemas;
beforeAll(async () => {
  engine = await startEngine({ migrations: older });
  newSchemas = await engine.version(newer);
});
afterAll(() => engine.stop());

async function ledger({ schema }: TenantBinding): Promise<string[]> {
  const { rows } = await engine.owner.query<{ name: string }>(`SELECT name FROM "${schema}".migrations ORDER BY id`);
  return rows.map((row) => row.name);
}

/** TypeORM's own executor, as its command line would run it: each statement by itself, with or without a transaction. */
async function runByTypeorm(
  { schema }: TenantBinding,
  classes: MigrationClass[],
  transaction: 'all' | 'each' | 'none',
): Promise<void> {
  const intoSchema = (queryRunner: QueryRunner) =>
    new Proxy(queryRunner, {
      get: (target, property) =>
        property === 'query'
          ? (text: string) => target.query(text.replaceAll('"@tenant"', `"${schema}"`))
          : Reflect.get(target, property, target),
    });
  const migrations = classes.map((migration) => {
    const bound = class implements MigrationInterface {
      name = migration.name;
      up = (queryRunner: QueryRunner) => new migration().up(intoSchema(queryRunner));
      down = (queryRunner: QueryRunner) => new migration().down(intoSchema(queryRunner));
    };
    Object.defineProperty(bound, 'name', { value: migration.name });
    return bound;
  });
  const dataSource = new DataSource({
    type: 'postgres',
    url: engine.database.url,
    schema,
    migrations,
    installExtensions: false,
    poolSize: 1,
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations({ transaction });
  } finally {
    await dataSource.destroy();
  }
}

/** Schema, role and ledger, with nothing in them. */
async function emptySchema(): Promise<TenantBinding> {
  return (await engine.version([])).provision();
}

describe.each([
  ['the test schema', newer],
  ["the product's schema", tenantMigrations],
])('%s', (_, classes) => {
  it('comes out the same in one script, one migration after the other, and statement by statement', async () => {
    const whole = await (await engine.version(classes)).provision();
    const expected = await fingerprint(engine.owner, whole);
    expect(expected['columns']!.length).toBeGreaterThan(15);
    expect(expected['relations']!.length).toBeGreaterThan(5);
    expect(expected['indexes']!.length).toBeGreaterThan(5);
    expect(JSON.stringify(expected['relations'])).toContain('@role=arwd/');

    const stepwise = await emptySchema();
    for (const end of classes.keys()) await (await engine.version(classes.slice(0, end + 1))).migrate(stepwise);
    expect(await fingerprint(engine.owner, stepwise)).toEqual(expected);

    for (const transaction of ['all', 'each', 'none'] as const) {
      const byTypeorm = await emptySchema();
      await runByTypeorm(byTypeorm, classes, transaction);
      expect(await fingerprint(engine.owner, byTypeorm)).toEqual(expected);
      expect(await ledger(byTypeorm)).toEqual(await ledger(whole));
    }
  });

  it('is up to date for TypeORM when it is for us', async () => {
    const whole = await (await engine.version(classes)).provision();
    const before = await fingerprint(engine.owner, whole);
    await runByTypeorm(whole, classes, 'all');
    expect(await fingerprint(engine.owner, whole)).toEqual(before);
    expect(await ledger(whole)).toHaveLength(classes.length);
  });
});

describe('the ledger', () => {
  it('has the columns that TypeORM asks for', async () => {
    const ours = await emptySchema();
    const theirs = await emptySchema();
    await engine.owner.query(`DROP TABLE "${theirs.schema}".migrations`);
    await runByTypeorm(theirs, older.slice(0, 1), 'all');
    const columns = async (binding: TenantBinding) =>
      (await fingerprint(engine.owner, binding))
        ['columns']!.map((column) => column as { relation: string; name: string; required: boolean })
        .filter(({ relation }) => relation === 'migrations')
        .map(({ name, required }) => ({ name, required }));
    expect(await columns(ours)).toHaveLength(3);
    expect(await columns(theirs)).toEqual(await columns(ours));
  });
});

describe('a schema that is behind', () => {
  it('is brought forward with its rows, and its new tables can be used', async () => {
    const { binding, database } = await engine.tenant();
    await database.query(`INSERT INTO "@tenant".books (title) VALUES ('Kept')`);
    expect(await newSchemas.versionOf(binding)).toBe(1_700_000_000_002);
    expect(await newSchemas.migrate(binding)).toEqual({
      from: 1_700_000_000_002,
      to: NEWEST,
      applied: ['Loans1700000000003'],
    });
    expect(await newSchemas.versionOf(binding)).toBe(NEWEST);
    expect(await database.query('SELECT title, lent FROM "@tenant".books')).toEqual([{ title: 'Kept', lent: false }]);
    expect(await database.query(`INSERT INTO "@tenant".loans (reader) VALUES ('Ada') RETURNING id, number`)).toEqual([
      { id: '1', number: 1 },
    ]);
    expect(await database.query('SELECT name FROM "@tenant".tags ORDER BY name')).toEqual([
      { name: '$& $1' },
      { name: 'lent; really' },
    ]);
  });

  it('is left alone the second time', async () => {
    const binding = await engine.schemas.provision();
    await newSchemas.migrate(binding);
    const before = await fingerprint(engine.owner, binding);
    expect(await newSchemas.migrate(binding)).toEqual({ from: NEWEST, to: NEWEST, applied: [] });
    expect(await fingerprint(engine.owner, binding)).toEqual(before);
    expect(await ledger(binding)).toHaveLength(3);
  });

  it('is migrated once by many who try at the same moment', async () => {
    const binding = await engine.schemas.provision();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => newSchemas.migrate(binding)));
    expect(outcomes.map(({ applied }) => applied).sort()).toEqual([
      ...Array<string[]>(7).fill([]),
      ['Loans1700000000003'],
    ]);
    expect(await ledger(binding)).toEqual(newer.map(({ name }) => name));
  });

  it('has its version in the registry afterwards, and nobody else has', async () => {
    const [binding, other] = [await engine.schemas.provision(), await engine.schemas.provision()];
    for (const { schema, role, home } of [binding, other]) {
      await engine.owner.query(
        `INSERT INTO public.tenants (id, slug, name, status, schema_name, role_name, home, schema_version)
         VALUES ($1, $2, 'Acme', 'active', $3, $4, $5, $6)`,
        [randomUUID(), schema.replace('_', '-'), schema, role, home, 1_700_000_000_002],
      );
    }
    await newSchemas.migrate(binding);
    const { rows } = await engine.owner.query<{ schema_name: string; schema_version: string }>(
      'SELECT schema_name, schema_version FROM public.tenants',
    );
    expect(new Map(rows.map((row) => [row.schema_name, Number(row.schema_version)]))).toEqual(
      new Map([
        [binding.schema, NEWEST],
        [other.schema, 1_700_000_000_002],
      ]),
    );
  });

  it('is not moved back by a process that knows less', async () => {
    const binding = await newSchemas.provision();
    expect(await engine.schemas.migrate(binding)).toEqual({ from: NEWEST, to: NEWEST, applied: [] });
    expect(await engine.schemas.versionOf(binding)).toBe(NEWEST);
  });
});

describe('a migration that fails', () => {
  it('leaves the schema, its ledger and the rows as they were', async () => {
    const { binding, database } = await engine.tenant();
    await database.query(`INSERT INTO "@tenant".tags (name, uses) VALUES ('kept', 7)`);
    const before = await fingerprint(engine.owner, binding);
    const broken = await engine.version([...older, Broken1700000000003]);
    await expect(broken.migrate(binding)).rejects.toThrow('does not exist');
    expect(await fingerprint(engine.owner, binding)).toEqual(before);
    expect(await ledger(binding)).toEqual(older.map(({ name }) => name));
    expect(await database.query('SELECT uses FROM "@tenant".tags')).toEqual([{ uses: 7 }]);
    // And does not stand in the way of one that works.
    expect((await newSchemas.migrate(binding)).applied).toEqual(['Loans1700000000003']);
  });

  it('is one that waits too long for a lock, so that readers do not queue behind it', async () => {
    const { binding, database } = await engine.tenant();
    const holder = await engine.owner.connect();
    try {
      await holder.query(`BEGIN; LOCK TABLE "${binding.schema}".books IN ACCESS SHARE MODE`);
      await expect(newSchemas.migrate(binding)).rejects.toThrow('lock timeout');
      expect(await ledger(binding)).toHaveLength(2);
      expect(await database.query('SELECT * FROM "@tenant".books')).toEqual([]);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect((await newSchemas.migrate(binding)).applied).toEqual(['Loans1700000000003']);
  });

  it('names the schema that is none', async () => {
    for (const schema of ['public', 't_1', `t_0123456789abcdef"; DROP SCHEMA public; --`]) {
      const place = { cluster: 'main', schema };
      await expect(newSchemas.migrate(place)).rejects.toThrow('not a tenant schema');
      await expect(newSchemas.drop({ ...place, role: null })).rejects.toThrow('not a tenant schema');
      await expect(newSchemas.seed(place)).rejects.toThrow('not a tenant schema');
      await expect(newSchemas.versionOf(place)).rejects.toThrow('not a tenant schema');
    }
  });
});
