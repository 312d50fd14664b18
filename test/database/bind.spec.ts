import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Lease, type TenantBinding } from '../../src/platform/database/lease.ts';
import { prepareDatabase } from '../../src/platform/database/prepare-database.ts';
import { preparation, startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { Author, library, libraryMigrations } from './library.ts';

const REFUSED = '42501';
const ABORTED = '25P02';
const UNKNOWN_TABLE = '42P01';

let engine: Engine;
let acme: EngineTenant;
let globex: EngineTenant;
beforeAll(async () => {
  engine = await startEngine({ entities: library, migrations: libraryMigrations });
  [acme, globex] = (await engine.tenants(2)) as [EngineTenant, EngineTenant];
});
afterAll(() => engine.stop());

/** What the server says to a statement: the error's code, or how many rows it was about. */
function answer(query: Promise<pg.QueryResult>): Promise<string | number | null> {
  return query.then(
    (result) => result.rowCount,
    (error: pg.DatabaseError) => error.code ?? error.message,
  );
}

/** Says to the server what the lease would say, with any statement in the middle. */
async function bound(client: pg.Client, role: string, statement: string): Promise<string | number | null> {
  const answers = [client.query(`BEGIN; SET LOCAL ROLE "${role}"`), client.query(statement), client.query('ROLLBACK')];
  const [, middle] = await Promise.all(answers.map(answer));
  return middle!;
}

async function authorsOf({ binding }: EngineTenant): Promise<string[]> {
  const { rows } = await engine.owner.query<{ name: string }>(
    `SELECT name FROM "${binding.schema}".authors ORDER BY name`,
  );
  return rows.map((row) => row.name);
}

describe('a connection of a home', () => {
  const statements = [
    'SELECT * FROM %.authors',
    `INSERT INTO %.authors (name) VALUES ('Eve')`,
    `UPDATE %.authors SET name = 'Eve'`,
    'DELETE FROM %.authors',
    'TRUNCATE %.authors',
    `SELECT nextval('%.books_id_seq')`,
    'SELECT * FROM %.migrations',
    'CREATE TABLE %.loot ()',
    'DROP TABLE %.authors',
  ];

  it('can do nothing in a schema without a bind, however often it tries', async () => {
    const client = await engine.loginToHome(0);
    for (let round = 0; round < 50; round += 1) {
      const attempts = [acme, globex].flatMap(({ binding }) =>
        statements.map((statement) => answer(client.query(statement.replace('%', `"${binding.schema}"`)))),
      );
      expect(new Set(await Promise.all(attempts))).toEqual(new Set([REFUSED]));
    }
  });

  it('reaches its own tenant through the bind, so that the refusals above mean something', async () => {
    const client = await engine.loginToHome(0);
    const { schema, role } = acme.binding;
    expect(await bound(client, role!, `INSERT INTO "${schema}".authors (name) VALUES ('Ada')`)).toBe(1);
    expect(await bound(client, role!, `SELECT nextval('"${schema}".books_id_seq')`)).toBe(1);
  });

  it('reaches nothing by an unqualified name', async () => {
    const client = await engine.loginToHome(0);
    const { rows } = await client.query('SHOW search_path');
    expect(rows).toEqual([{ search_path: 'extensions' }]);
    for (const table of ['authors', 'books', 'migrations', 'tenants', 'outbox', 'ready_schemas', 'system_settings']) {
      expect(await bound(client, acme.binding.role!, `SELECT * FROM ${table}`)).toBe(UNKNOWN_TABLE);
      await expect(acme.database.query(`SELECT * FROM ${table}`)).rejects.toThrow(`relation "${table}" does not exist`);
    }
  });

  it('may not set its role by a function or a view, nor make temporary tables', async () => {
    const client = await engine.loginToHome(0);
    const role = globex.binding.role!;
    for (const statement of [
      `SELECT set_config('role', '${role}', false)`,
      `SELECT pg_catalog.set_config('role', '${role}', true)`,
      `UPDATE pg_settings SET setting = '${role}' WHERE name = 'role'`,
      'CREATE TEMP TABLE loot AS SELECT 1',
      'CREATE TABLE pg_temp.loot ()',
      'SELECT 1 AS one INTO TEMP loot',
    ]) {
      expect([statement, await answer(client.query(statement))]).toEqual([statement, REFUSED]);
      expect([statement, await bound(client, acme.binding.role!, statement)]).toEqual([statement, REFUSED]);
    }
  });

  it('keeps nothing of a bind once the statement or the transaction is over', async () => {
    const { database, binding } = acme;
    for (const work of [
      () => database.query('SELECT 1'),
      () => database.transaction((tx) => tx.query('SELECT 1')),
      () => database.query('SELECT 1 / 0').catch(() => undefined),
      () => database.transaction((tx) => tx.query('SELECT 1 / 0')).catch(() => undefined),
    ]) {
      await work();
      // The only idle connection: the one that has just done the work.
      const { client, giveBack } = await engine.borrow(binding);
      const { rows } = await client.query('SELECT current_user AS me, current_user = session_user AS unbound');
      expect(rows).toEqual([{ me: engine.prepared.homeLogin(0), unbound: true }]);
      expect(await answer(client.query(`SELECT * FROM "${binding.schema}".authors`))).toBe(REFUSED);
      giveBack(false);
    }
    expect(engine.homes.stats().total).toBe(1);
  });

  it('leaves the next tenant alone even when a session setting got past our code', async () => {
    const client = await engine.loginToHome(0);
    const { role } = acme.binding;
    await client.query(`BEGIN; SET LOCAL ROLE "${role}"; SET ROLE "${role}"; COMMIT`);
    expect((await client.query('SELECT current_user AS me')).rows).toEqual([{ me: role }]);
    const names = `SELECT name FROM "${acme.binding.schema}".authors`;
    expect(await bound(client, globex.binding.role!, names)).toBe(REFUSED);
    expect(await bound(client, globex.binding.role!, `SELECT * FROM "${globex.binding.schema}".authors`)).toBe(0);
  });
});

describe('a bind that fails', () => {
  /** The owner could write anywhere: what protects here is the failed bind alone, not a missing privilege. */
  function leaseOfOwner(binding: TenantBinding, owners: pg.Pool): Lease {
    return new Lease(binding, async () => {
      const client = await owners.connect();
      return { client, giveBack: (broken) => client.release(broken) };
    });
  }
  const INSERT = `INSERT INTO "@tenant".authors (name) VALUES ('Mallory')`;

  it('aborts what was sent behind it', async () => {
    const owner = new pg.Client({ connectionString: engine.database.url, pipeline: true });
    await owner.connect();
    const write = `INSERT INTO "${acme.binding.schema}".authors (name) VALUES ('Mallory')`;
    const sent = ['BEGIN; SET LOCAL ROLE "nobody"', write, write, 'COMMIT'].map((text) => answer(owner.query(text)));
    expect(await Promise.all(sent)).toEqual(['22023', ABORTED, ABORTED, null]);
    await owner.end();
    expect(await authorsOf(acme)).toEqual([]);
  });

  it.each(['a single statement', 'a transaction'])('lets nothing of %s happen', async (kind) => {
    const owners = new pg.Pool({ connectionString: engine.database.url, max: 1, pipeline: true });
    const lease = leaseOfOwner({ ...acme.binding, role: 'nobody' }, owners);
    const texts = kind === 'a transaction' ? ['START TRANSACTION', INSERT, INSERT, 'COMMIT'] : [INSERT];
    const outcomes = await Promise.allSettled(texts.map((text) => lease.query(text)));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(failures.length).toBeGreaterThanOrEqual(kind === 'a transaction' ? 3 : 1);
    expect(new Set(failures)).toEqual(new Set(['error: role "nobody" does not exist']));
    lease.release();
    await owners.end();
    expect(await authorsOf(acme)).toEqual([]);
  });

  it('says so when the login lost the role, and works again when it has it back', async () => {
    const { role, home } = globex.binding;
    const login = engine.prepared.homeLogin(home);
    await globex.database.query('SELECT 1');
    await engine.owner.query(`REVOKE "${role}" FROM "${login}"`);
    const denied = /permission denied to set role/;
    await expect(globex.database.manager.find(Author)).rejects.toThrow(denied);
    await expect(globex.database.manager.insert(Author, { name: 'Mallory' })).rejects.toThrow(denied);
    await expect(globex.database.transaction((tx) => tx.insert(Author, { name: 'Mallory' }))).rejects.toThrow(denied);
    await expect(globex.database.transaction(async () => 'nothing')).rejects.toThrow(denied);
    await engine.owner.query(`GRANT "${role}" TO "${login}" WITH INHERIT FALSE, SET TRUE`);
    await globex.database.manager.insert(Author, { name: 'Grace' });
    expect(await authorsOf(globex)).toEqual(['Grace']);
  });
});

describe("a tenant's role", () => {
  it('cannot read another schema, the registry or the platform, nor change its own tables', async () => {
    const client = await engine.loginToHome(0);
    const { schema, role } = acme.binding;
    const foreign = ['authors', 'books', 'migrations'].map(
      (table) => `SELECT * FROM "${globex.binding.schema}".${table}`,
    );
    const { rows: registry } = await engine.owner.query<{ tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(registry.map((row) => row.tablename)).toEqual(
      expect.arrayContaining(['tenants', 'signing_keys', 'ready_schemas']),
    );
    const shared = registry.map(({ tablename }) => `SELECT * FROM public.${tablename}`);
    const platform = [
      'SELECT * FROM platform.outbox',
      'DELETE FROM platform.outbox',
      `UPDATE platform.outbox SET name = 'x'`,
    ];
    const ddl = [
      `CREATE TABLE "${schema}".loot ()`,
      `ALTER TABLE "${schema}".authors ADD loot text`,
      `TRUNCATE "${schema}".authors`,
      'CREATE SCHEMA loot',
      `GRANT SELECT ON "${schema}".authors TO PUBLIC`,
    ];
    for (const statement of [...foreign, ...shared, ...platform, ...ddl]) {
      const outcome = await bound(client, role!, statement);
      // A GRANT without the right to it is a warning: then nothing may have been granted.
      if (outcome === null) expect(statement).toMatch(/^GRANT/);
      else expect([statement, outcome]).toEqual([statement, REFUSED]);
    }
    expect(await bound(client, role!, `SELECT * FROM "${schema}".authors`)).toBe(0);
  });

  it('can put events into the outbox in its own name alone', async () => {
    const event = (schema: string) =>
      `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id) VALUES ('${schema}', 'x', '{}', 'r')`;
    await acme.database.query(
      `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id) VALUES ($1, 'x', '{}', 'r')`,
      [acme.binding.schema],
    );
    await expect(
      acme.database.query(
        `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id) VALUES ($1, 'x', '{}', 'r')`,
        [globex.binding.schema],
      ),
    ).rejects.toThrow(/row-level security/);
    const client = await engine.loginToHome(0);
    expect(await bound(client, acme.binding.role!, event(globex.binding.schema))).toBe(REFUSED);
    expect(await answer(client.query(event(acme.binding.schema)))).toBe(REFUSED);
    const { rows } = await engine.owner.query('SELECT tenant_schema FROM platform.outbox');
    expect(rows).toEqual([{ tenant_schema: acme.binding.schema }]);
  });
});

describe('the start', () => {
  const start = () => prepareDatabase(preparation(engine.database));

  it('accepts logins that may set the roles of their tenants and nothing more', async () => {
    await expect(start()).resolves.toMatchObject({ tenantRoles: true });
  });

  it.each([
    [
      'inherits the role of a tenant',
      'GRANT %tenant TO %login WITH INHERIT TRUE',
      'REVOKE INHERIT OPTION FOR %tenant FROM %login',
    ],
    [
      'could hand on the role of a tenant',
      'GRANT %tenant TO %login WITH ADMIN TRUE',
      'REVOKE ADMIN OPTION FOR %tenant FROM %login',
    ],
    ['is a superuser', 'ALTER ROLE %login SUPERUSER', 'ALTER ROLE %login NOSUPERUSER'],
    ['bypasses row security', 'ALTER ROLE %login BYPASSRLS', 'ALTER ROLE %login NOBYPASSRLS'],
    [
      'inherits the role of a tenant through another role',
      'GRANT %group TO %login WITH INHERIT TRUE',
      'REVOKE %group FROM %login',
    ],
    [
      'may read everything',
      'GRANT pg_read_all_data TO %login WITH INHERIT TRUE',
      'REVOKE pg_read_all_data FROM %login',
    ],
    [
      'may write everything',
      'GRANT pg_write_all_data TO %login WITH INHERIT TRUE',
      'REVOKE pg_write_all_data FROM %login',
    ],
    ['may become the owner', 'GRANT %owner TO %login WITH INHERIT FALSE, SET TRUE', 'REVOKE %owner FROM %login'],
  ])('refuses a login that %s, and says how to mend it', async (_, wrong, mended) => {
    const login = engine.prepared.homeLogin(0);
    const group = `pf_group_${engine.database.name}`;
    const names: Record<string, string> = {
      login,
      group,
      tenant: acme.binding.role!,
      owner: decodeURIComponent(new URL(engine.database.url).username),
    };
    const run = (sql: string) =>
      engine.owner.query(sql.replaceAll(/%([a-z]+)/g, (_match, name: string) => `"${names[name]}"`));
    await run(`CREATE ROLE %group; GRANT %tenant TO %group WITH INHERIT TRUE`);
    try {
      await run(wrong);
      await expect(start()).rejects.toThrow(new RegExp(`${login} (?:has|is|inherits|can)[^]*REVOKE role FROM login`));
      await run(mended);
      await expect(start()).resolves.toMatchObject({ tenantRoles: true });
    } finally {
      await run('DROP ROLE %group');
    }
  });
});
