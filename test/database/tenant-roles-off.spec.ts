import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { serverUrl, type TestDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { libraryMigrations } from './library.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()!();
});

async function onServer<Row extends pg.QueryResultRow>(sql: string, url = serverUrl()): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function start(settings: Record<string, string>, database?: TestDatabase): Promise<TestApp> {
  const app = await startApp({ settings, database });
  cleanups.push(() => app.stop());
  return app;
}

/** A database whose owner is no superuser: what a managed server gives. */
async function databaseOf(attributes: string): Promise<TestDatabase & { owner: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const owner = `owner_${name}`;
  await onServer(`CREATE ROLE ${owner} LOGIN PASSWORD 'secret' NOSUPERUSER ${attributes}`);
  await onServer(`CREATE DATABASE ${name} OWNER ${owner}`);
  const url = new URL(serverUrl());
  Object.assign(url, { pathname: `/${name}`, username: owner, password: 'secret' });
  const drop = async () => {
    const roles = await onServer<{ rolname: string }>(
      `SELECT rolname FROM pg_roles, (SELECT DISTINCT left(rolname, 12) AS prefix FROM pg_roles r
         JOIN pg_auth_members m ON m.roleid = r.oid WHERE m.member = '${owner}'::regrole AND rolname LIKE 'pf\\_%') own
        WHERE starts_with(rolname, prefix)`,
    );
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    for (const role of [...roles.map((row) => row.rolname), owner]) await onServer(`DROP ROLE "${role}"`);
  };
  cleanups.push(drop);
  return { name, url: url.toString(), owner, drop };
}

/** Two tenants work side by side; each sees its own and nothing of the other. */
async function expectApart(app: TestApp): Promise<[TestTenant, TestTenant]> {
  const [acme, globex] = [await signUp(app), await signUp(app)];
  for (const tenant of [acme, globex]) {
    const ada = await tenant.join('Ada', 'member');
    const project = await tenant.project(`Project of ${tenant.slug}`, [[ada, 'member']]);
    await tenant.task(project.id, { title: `Task of ${tenant.slug}`, assigneeId: ada.id });
  }
  for (const [own, other] of [
    [acme, globex],
    [globex, acme],
  ] as const) {
    const projects = (await own.owner.get('/projects')).data as { id: string; name: string }[];
    expect(projects.map(({ name }) => name)).toEqual([`Project of ${own.slug}`]);
    const tasks = (await own.owner.get('/tasks')).data as { title: string }[];
    expect(tasks.map(({ title }) => title)).toEqual([`Task of ${own.slug}`]);
    expect((await own.owner.get('/users')).data).toHaveLength(2);
    expect((await other.owner.get(`/projects/${projects[0]!.id}`)).status).toBe(404);
  }
  // Of rows in tables that they share, too: one key means two things.
  const withKey = (tenant: TestTenant) =>
    tenant.owner.post('/projects', { name: 'Kept' }, { 'idempotency-key': 'same' });
  const kept: string[] = [];
  for (const tenant of [acme, globex]) {
    const [first, again] = [expectStatus(await withKey(tenant), 201), expectStatus(await withKey(tenant), 201)];
    expect([again.data.id, again.headers.get('idempotency-replayed')]).toEqual([first.data.id, 'true']);
    kept.push(first.data.id);
  }
  expect(new Set(kept).size).toBe(2);
  return [acme, globex];
}

async function contextOf(app: TestApp, { slug }: TestTenant) {
  const tenant = await app.nest.get(TenantDirectory).findBySlug(slug);
  return app.nest.get(TenantContexts).open(tenant!);
}

describe('with TENANT_ROLES=off', () => {
  it('two tenants work apart, and there is no role for either', async () => {
    const app = await start({ TENANT_ROLES: 'off' });
    await expectApart(app);
    const { rows } = await app.owner.query('SELECT role_name FROM public.tenants');
    expect(rows).toEqual([{ role_name: null }, { role_name: null }]);
    const roles = await app.owner.query(
      `SELECT rolname FROM pg_roles, public.system_settings s
        WHERE s.key = 'installation' AND starts_with(rolname, 'pf_' || (s.value #>> '{}'))`,
    );
    expect(roles.rows).toEqual([]);
  });

  it('an unqualified name still reaches nothing, and a statement does not run for ever', async () => {
    const app = await start({ TENANT_ROLES: 'off' });
    const tenant = await signUp(app);
    const ctx = await contextOf(app, tenant);
    await expect(ctx.query('SELECT * FROM tenants')).rejects.toThrow('relation "tenants" does not exist');
    await expect(ctx.query('SELECT * FROM users')).rejects.toThrow('relation "users" does not exist');
    expect(await ctx.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '5s' }]);
    expect(await ctx.query('SHOW lock_timeout')).toEqual([{ lock_timeout: '2s' }]);
    // Also where the database has another default; connections that are open have the one of their start.
    await app.owner.query(`ALTER DATABASE ${app.database.name} SET default_transaction_isolation = 'repeatable read'`);
    const fresh = await contextOf(await start({ TENANT_ROLES: 'off' }, app.database), tenant);
    expect(await fresh.query('SHOW transaction_isolation')).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('an owner who may make no roles can be used', async () => {
    const database = await databaseOf('NOCREATEROLE');
    await expectApart(await start({ TENANT_ROLES: 'off' }, database));
  });

  it('requests can still go through a login of their own, which owns nothing', async () => {
    const database = await databaseOf('NOCREATEROLE');
    const login = `app_${database.name}`;
    await onServer(`CREATE ROLE ${login} LOGIN PASSWORD 'secret'`);
    // The last to be cleaned up, as it holds rights in the database.
    cleanups.unshift(async () => void (await onServer(`DROP ROLE ${login}`)));
    const url = new URL(database.url);
    Object.assign(url, { username: login, password: 'secret' });
    const settings = { TENANT_ROLES: 'off', DATABASE_APP_URL: url.toString() };
    // What an owner without CREATEROLE cannot change in another login, the operator is told to.
    const failure: unknown = await startApp({ settings, database }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    const told = String(failure).match(/ALTER ROLE .*;/g)!;
    expect(told.length).toBeGreaterThan(3);
    for (const statement of told) await onServer(statement);
    const app = await start(settings, database);
    await expectApart(app);
    const ctx = await contextOf(app, await signUp(app));
    expect(await ctx.query('SELECT current_user::text AS me')).toEqual([{ me: login }]);
    expect(await ctx.query('SHOW search_path')).toEqual([{ search_path: 'extensions' }]);
    await expect(ctx.query('DROP TABLE "@tenant".tasks')).rejects.toThrow('must be owner');
  });

  it('the schema names of others are refused all the same', async () => {
    const engine = await startEngine({ migrations: libraryMigrations, tenantRoles: false });
    cleanups.push(() => engine.stop());
    const [acme, globex] = await engine.tenants(2);
    await globex!.database.query(`INSERT INTO "@tenant".tags (name) VALUES ('secret')`);
    expect(await acme!.database.query('SELECT * FROM "@tenant".tags')).toEqual([]);
    for (const name of [globex!.binding.schema, globex!.binding.schema.toUpperCase()]) {
      await expect(acme!.database.query(`SELECT * FROM ${name}.tags`)).rejects.toThrow(/names a tenant schema/);
    }
  });
});

describe('an owner who is no superuser', () => {
  it('makes tenants with their roles when it has CREATEROLE, at the first start and at later ones', async () => {
    const database = await databaseOf('CREATEROLE');
    const first = await startApp({ database });
    const [acme, globex] = await expectApart(first);
    const { rows } = await first.owner.query<{ schema_name: string; role_name: string }>(
      'SELECT schema_name, role_name FROM public.tenants',
    );
    expect(rows.filter(({ schema_name: schema, role_name: role }) => role.endsWith(schema))).toHaveLength(2);
    const ctx = await contextOf(first, acme);
    const { tenant } = await contextOf(first, globex);
    await expect(ctx.query('SELECT * FROM public.tenants')).rejects.toThrow('permission denied');
    expect(await ctx.query('SELECT current_user::text AS me')).not.toEqual([{ me: tenant.binding.role }]);
    await first.stop();
    // With another number of homes the logins are looked at again.
    const second = await start({ TENANT_HOMES: '3' }, database);
    await signUp(second);
    const ready = await second.owner.query('SELECT 1 FROM public.tenants');
    expect(ready.rowCount).toBe(3);
  });

  it('leaves nothing of a tenant that it removes', async () => {
    const database = await databaseOf('CREATEROLE');
    const app = await start({ READY_POOL_SIZE: '0', WORKER: 'false' }, database);
    const { rows } = await app.owner.query<{ value: string }>(
      `SELECT value #>> '{}' AS value FROM public.system_settings WHERE key = 'installation'`,
    );
    await signUp(app, 'removed');
    const roles = () =>
      onServer<{ rolname: string }>(
        `SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'pf_${rows[0]!.value}_t_')`,
      );
    expect(await roles()).toHaveLength(1);
    const { binding } = (await app.nest.get(TenantDirectory).findBySlug('removed'))!;
    await app.nest.get(SchemaManager).drop(binding);
    expect(await roles()).toEqual([]);
  });

  it('is told what to grant when it may not make roles', async () => {
    const database = await databaseOf('NOCREATEROLE');
    const failure: unknown = await startApp({ database }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect(String(failure)).toContain(`ALTER ROLE "${database.owner}" CREATEROLE;`);
    expect(String(failure)).toContain('or set TENANT_ROLES=off');
    await onServer(`ALTER ROLE ${database.owner} CREATEROLE`);
    await signUp(await start({}, database));
  });
});
