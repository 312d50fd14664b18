/* eslint-disable projectflow/typeorm -- asks for what is banned, to see it refused */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
// eslint-disable-next-line no-restricted-imports -- it is what a test is about
import { BaseEntity, Column, Entity, ManyToOne, OneToMany, PrimaryColumn, QueryFailedError } from 'typeorm';
import { EntityRefused, StatementRefused } from '../../src/platform/database/database.errors.ts';
import { bindSchema } from '../../src/platform/database/statement-guard.ts';
import { TenantTemplate } from '../../src/platform/database/tenant-data-source.ts';
import { startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { Author, library, libraryMigrations } from './library.ts';

let engine: Engine;
let acme: EngineTenant;
let globex: EngineTenant;
const sent: string[] = [];
beforeAll(async () => {
  engine = await startEngine({
    entities: library,
    migrations: libraryMigrations,
    onStatement: (text) => sent.push(text),
  });
  [acme, globex] = (await engine.tenants(2)) as [EngineTenant, EngineTenant];
});
afterAll(() => engine.stop());

async function expectRefused(work: Promise<unknown>, reason: RegExp): Promise<void> {
  const from = sent.length;
  const error: unknown = await work.then(
    () => new Error('was not refused'),
    (thrown: unknown) => (thrown instanceof QueryFailedError ? thrown.driverError : thrown),
  );
  expect(error).toBeInstanceOf(StatementRefused);
  expect(String(error)).toMatch(reason);
  expect(sent.slice(from)).toEqual([]);
}

describe("TypeORM's cache", () => {
  const reason = /cache of TypeORM gives one tenant another tenant's rows; use platform\/cache/;

  it('is refused wherever it can be asked for', async () => {
    const { manager } = acme.database;
    await expectRefused(manager.find(Author, { cache: true }), reason);
    await expectRefused(manager.find(Author, { cache: 1_000 }), reason);
    await expectRefused(manager.find(Author, { cache: { id: 'authors', milliseconds: 1_000 } }), reason);
    await expectRefused(manager.findOne(Author, { where: { name: 'Ada' }, cache: true }), reason);
    await expectRefused(manager.count(Author, { cache: true }), reason);
    await expectRefused(manager.findAndCount(Author, { cache: true }), reason);
    const query = () => manager.createQueryBuilder(Author, 'author').cache(true);
    await expectRefused(query().getMany(), reason);
    await expectRefused(query().getRawMany(), reason);
    await expectRefused(query().getCount(), reason);
    await expectRefused(query().cache('authors', 1_000).getOne(), reason);
    await expectRefused(
      manager.createQueryBuilder().select('1').from(Author, 'author').cache(true).getRawOne(),
      reason,
    );
    await expectRefused((async () => acme.database.queryResultCache!.clear())(), reason);
    await expectRefused((async () => acme.database.queryResultCache!.remove(['authors']))(), reason);
  });

  it('is not in the way of a query that does without', async () => {
    expect(await acme.database.manager.find(Author, { cache: false })).toEqual([]);
  });
});

describe('what would leave the tenant or stay on the connection', () => {
  it.each([
    ['SET search_path = public', /SET outlives or loosens the bind/],
    ['SET LOCAL ROLE none', /SET outlives or loosens the bind/],
    ['RESET ROLE', /RESET undoes the bind/],
    ['LISTEN tasks', /LISTEN stays on a connection/],
    ['SELECT pg_advisory_lock(1)', /session lock crosses tenants/],
    ['CREATE TEMP TABLE loot ()', /temporary table stays/],
    ['DECLARE c CURSOR WITH HOLD FOR SELECT 1', /WITH HOLD outlives/],
    [`SELECT set_config('role', 'none', false)`, /set_config\(\) changes the role/],
    [`UPDATE pg_settings SET setting = 'none' WHERE name = 'role'`, /pg_settings is SET under another name/],
    ['SELECT * FROM @tenant.authors', /outside the quoted identifier "@tenant"/],
  ])('is refused before it costs a connection: %s', async (text, reason) => {
    await expectRefused(acme.database.query(text), reason);
    await expect(acme.database.transaction((tx) => tx.query(text))).rejects.toThrow(reason);
  });

  it('is a schema that is named, even the own one', async () => {
    for (const { binding } of [acme, globex]) {
      await expectRefused(
        acme.database.query(`SELECT * FROM "${binding.schema}".authors`),
        /names a tenant schema; write "@tenant"/,
      );
      await expectRefused(
        acme.database.query(`SELECT * FROM ${binding.schema.toUpperCase()}.authors`),
        /names a tenant schema/,
      );
    }
    const foreign = acme.database.manager
      .createQueryBuilder()
      .select('*')
      .from(`${globex.binding.schema}.authors`, 'a');
    await expectRefused(foreign.getRawMany(), /names a tenant schema/);
  });

  it('is a stream', async () => {
    const runner = acme.database.createQueryRunner();
    const reason = /stream\(\) bypasses the bind to the tenant; page through the rows/;
    await expectRefused(runner.stream('SELECT 1'), reason);
    await runner.release();
    await expectRefused(acme.database.createQueryBuilder(Author, 'author').stream(), reason);
  });

  it('is several statements in one text, which the server refuses', async () => {
    await expect(acme.database.query('SELECT 1; SELECT 2')).rejects.toThrow(
      'cannot insert multiple commands into a prepared statement',
    );
    await expect(acme.database.query('SELECT 1; COMMIT; SET ROLE none')).rejects.toThrow(
      'cannot insert multiple commands',
    );
    expect(await acme.database.query('SELECT 1 AS one;')).toEqual([{ one: 1 }]);
  });
});

describe('an entity', () => {
  it('with a lazy relation is refused at the start', async () => {
    @Entity({ schema: '@tenant', name: 'parents' })
    class Parent {
      @PrimaryColumn('integer')
      id: number;

      @OneToMany(() => Child, (child) => child.parent)
      children: Child[];
    }
    @Entity({ schema: '@tenant', name: 'children' })
    class Child {
      @PrimaryColumn('integer')
      id: number;

      // eslint-disable-next-line no-restricted-syntax -- it is what the test is about
      @ManyToOne(() => Parent, (parent) => parent.children, { lazy: true })
      parent: unknown;
    }
    const start = new TenantTemplate([Parent, Child]).initialize();
    await expect(start).rejects.toThrow(EntityRefused);
    await expect(start).rejects.toThrow('Entity Child: its relation parent is lazy');
  });

  it('that extends BaseEntity is refused at the start', async () => {
    // eslint-disable-next-line no-restricted-syntax -- it is what the test is about
    @Entity({ schema: '@tenant', name: 'active_records' })
    class ActiveRecord extends BaseEntity {
      @PrimaryColumn('integer')
      id: number;

      @Column('text')
      name: string;
    }
    const start = new TenantTemplate([...library, ActiveRecord]).initialize();
    await expect(start).rejects.toThrow(EntityRefused);
    await expect(start).rejects.toThrow('Entity ActiveRecord: it extends BaseEntity');
  });
});

describe('the check of statements', () => {
  const FRAGMENTS = [
    ' ', '\n', '\r', '\t', '\f', '\v', '\u00a0', '\u2028', '\ufeff', '--', '-- x\n', '-- x\r', '--\u2028', '/*', '*/', '/**/', '/* x */',
    '/* /* */ */', '/*/', '*', '/', '-', ';', '(', ')', "'", "''", '"', '$$', '\\', 'x', 'E', '1', ',', 'SELECT 1', 'EXPLAIN', 'WITH x AS (SELECT 1)',
  ]; // prettier-ignore
  const HARMFUL = [
    'SET ROLE none',
    'RESET ROLE',
    'COMMIT',
    'ROLLBACK',
    'LISTEN tasks',
    'DISCARD ALL',
    'PREPARE loot AS SELECT 1',
  ];
  const TEXTS = 4_000;

  function texts(): string[] {
    let state = 11;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    return Array.from({ length: TEXTS }, () => {
      const before = Array.from({ length: 1 + random(4) }, () => FRAGMENTS[random(FRAGMENTS.length)]).join('');
      return before + HARMFUL[random(HARMFUL.length)];
    });
  }

  const commandOf = (query: Promise<pg.QueryResult>): Promise<string | null> =>
    query.then(
      ({ command }) => command,
      () => null,
    );

  it('lets nothing pass that the server takes for what was banned, whatever stands before it', async () => {
    const client = await engine.loginToHome(0);
    const { schema, role } = acme.binding;
    const harmful = new Set(['SET', 'RESET', 'COMMIT', 'ROLLBACK', 'LISTEN', 'DISCARD', 'DISCARD ALL', 'PREPARE']);
    const outcomes = texts().map(async (text) => {
      let passed = true;
      try {
        bindSchema(text, schema);
      } catch {
        passed = false;
      }
      const opened = client.query(`BEGIN; SET LOCAL ROLE "${role}"`);
      const command = commandOf(client.query({ text, queryMode: 'extended' } as pg.QueryConfig));
      await Promise.all([opened, command, client.query('ROLLBACK')]);
      return { text, passed, command: await command };
    });
    const all = await Promise.all(outcomes);
    const ran = all.filter(({ command }) => command !== null && harmful.has(command));
    expect(ran.filter(({ passed }) => passed)).toEqual([]);
    // The server did understand many of them, or this would prove nothing.
    expect(ran.length).toBeGreaterThan(TEXTS / 20);
    expect(new Set(ran.map(({ command }) => command)).size).toBeGreaterThanOrEqual(5);
    expect(all.filter(({ passed }) => passed).length).toBeGreaterThan(TEXTS / 20);
  });
});
