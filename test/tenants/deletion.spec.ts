import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { DomainNames } from '../../src/platform/tenancy/domain-names.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import { defineJob } from '../../src/platform/jobs/job.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { UsageMeter } from '../../src/platform/usage/usage-meter.ts';
import { TenantDeletionService } from '../../src/tenants/tenant-deletion.service.ts';
import { TenantsJobs } from '../../src/tenants/tenants.jobs.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { getWithHost } from '../support/hosts.ts';
import { rowsOf } from '../support/rows-of.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
let deletion: TenantDeletionService;
beforeAll(async () => {
  one = await startApp();
  two = await startApp({ settings: { WORKER: 'false' }, database: one.database });
  deletion = one.nest.get(TenantDeletionService);
});
beforeEach(async () => {
  acme = await signUp(one);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await two.stop();
  await one.stop();
});

const neverPerformed = defineJob<object>({ name: 'never-performed' });

interface Place {
  schema_name: string;
  role_name: string;
}
const placeOf = async ({ id }: TestTenant): Promise<Place> =>
  (await one.owner.query('SELECT schema_name, role_name FROM public.tenants WHERE id = $1', [id])).rows[0];

const folderOf = (tenant: TestTenant, app = one) =>
  app.nest
    .get(TenantFiles)
    .pathTo(tenant.id, 'x')
    .then((path) => path.slice(0, -2));

/** A tenant with something of everything: an old slug, a domain, an export, a job, an event, use, and work. */
async function fill(tenant: TestTenant): Promise<void> {
  const project = await tenant.project('Apollo');
  await tenant.task(project.id, { title: 'Countdown' });
  expectStatus(await tenant.owner.patch('/tenants/current/settings', { slug: `${tenant.slug}-2` }), 200);
  const renamed = new Client(one.url).as(tenant.owner.accessToken);
  expectStatus(await renamed.patch('/tenants/current/settings', { slug: tenant.slug }), 200);
  const domain = expectStatus(
    await renamed.post('/tenants/current/domains', { domain: `${tenant.slug}.example.com` }),
    201,
  ).data;
  one.nest.get(DomainNames).resolveTxt = () => Promise.resolve([domain.challenge.value]);
  expectStatus(await renamed.put(`/tenants/current/domains/${domain.id}/verification`), 200);
  const requested = expectStatus(await renamed.post('/tenants/current/exports'), 201).data;
  await eventually(async () =>
    expect((await renamed.get(`/tenants/current/exports/${requested.id}`)).data.state).toBe('ready'),
  );
  await one.nest.get(Jobs).send(neverPerformed, {}, { tenantId: tenant.id });
  await one.nest.get(UsageMeter).flush();
  const { schema_name: schema } = await placeOf(tenant);
  for (const statement of [
    `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id, next_attempt_at) VALUES ($1, 'x', '{}', 'r', 'infinity')`,
    `INSERT INTO platform.bulk_runs (tenant_schema, id, actor_id, mode, state, operations, total)
     VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'each', 'running', '[]', 0)`,
  ])
    await one.owner.query(statement, [schema]);
  // With a key, and a sign-in that fails.
  expectStatus(await renamed.post('/projects', { name: 'Once' }, { 'idempotency-key': 'once' }), 201);
  await new Client(one.url, { 'x-tenant-domain': tenant.slug }).post('/auth/login', {
    email: 'x@x.test',
    password: 'x',
  });
}

/** Everything anywhere in the database that is of a tenant, by table; what has nothing is left out. */
async function traces(
  { id }: TestTenant,
  { schema_name: schema, role_name: role }: Place,
): Promise<Record<string, number>> {
  const { rows: tables } = await one.owner.query<{ name: string; column: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, a.attname AS column
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'platform', 'jobs')
        AND (a.attname IN ('tenant_id', 'tenant_schema', 'schema_name', 'group_id') OR (c.relname = 'tenants' AND a.attname = 'id'))`,
  );
  expect(tables.length).toBeGreaterThan(8);
  const found: Record<string, number> = {};
  for (const { name, column } of tables) {
    const { rows } = await one.owner.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${name} WHERE "${column}"::text = ANY ($1)`,
      [[id, schema]],
    );
    if (rows[0]!.rows > 0) found[name] = rows[0]!.rows;
  }
  const { rows } = await one.owner.query<{ kind: string }>(
    `SELECT 'schema' AS kind FROM pg_namespace WHERE nspname = $1 UNION ALL SELECT 'role' FROM pg_roles WHERE rolname = $2`,
    [schema, role],
  );
  for (const { kind } of rows) found[kind] = 1;
  if (existsSync(await folderWithoutMaking(id))) found['files'] = 1;
  return found;
}

async function folderWithoutMaking(id: string): Promise<string> {
  const other = await one.nest.get(TenantFiles).pathTo('00000000-0000-0000-0000-000000000000', 'x');
  return other.replace('00000000-0000-0000-0000-000000000000/x', id);
}

/** What those hear who look for it: by header, old slug, domain, token, login and refresh. */
async function heard(app: TestApp): Promise<string[]> {
  const visitor = new Client(app.url, { 'x-tenant-domain': acme.slug });
  const login = await visitor.post('/auth/login', { email: acme.owner.email, password: PASSWORD });
  const answers = [
    await visitor.get('/tenants/current'),
    await new Client(app.url).get('/tenants/current', { 'x-tenant-domain': `${acme.slug}-2` }),
    await new Client(app.url).get('/tenants/current', { 'x-tenant-domain': `${acme.slug}.example.com` }),
    await visitor.as(acme.owner.accessToken).get('/users/me'),
    await new Client(app.url).as(acme.owner.accessToken).get('/users/me'),
    login,
    await new Client(app.url).post('/auth/refresh', {
      refreshToken: login.data?.refreshToken ?? acme.owner.refreshToken,
    }),
  ];
  const byHost = await getWithHost(app.url, '/tenants/current', `${acme.slug}.example.com`);
  return [...answers.map(({ status, error }) => `${status} ${error?.code ?? 'served'}`), String(byHost.status)];
}

const HIDDEN = [
  '404 tenant_not_found',
  '404 tenant_not_found',
  '404 tenant_not_found',
  '404 tenant_not_found',
  '401 unauthenticated',
  '404 tenant_not_found',
  '401 invalid_refresh_token',
  '400',
];

describe('an organisation that is deleted', () => {
  it('is hidden at once on every instance under all of its names, and restored as it was, row by row', async () => {
    await fill(acme);
    const place = await placeOf(acme);
    await eventually(async () => expect((await heard(two))[1]).toBe('404 tenant_renamed'));
    const [before, registered] = [await rowsOf(one.owner, place.schema_name), await traces(acme, place)];
    const deleted = await deletion.delete(acme.slug, 30);
    expect(deleted).toMatchObject({ status: 'deleted', purgeAfter: expect.any(Date) });
    for (const app of [one, two]) await eventually(async () => expect(await heard(app)).toEqual(HIDDEN));
    expect((await new Client(two.url).get(`/tenants/availability?slug=${acme.slug}`)).data.reason).toBe('taken');
    expect(await deletion.purgeDue()).toEqual([]);
    // Deleting twice is no error, and changes nothing.
    expect((await deletion.delete(acme.slug, 0)).purgeAfter).toEqual(deleted.purgeAfter);
    expect(await deletion.restore(acme.slug)).toMatchObject({ status: 'active', deletedAt: null, purgeAfter: null });
    await eventually(async () => {
      for (const app of [one, two])
        expect(await heard(app)).toEqual([
          ...['200 served', '404 tenant_renamed', '200 served', '200 served', '200 served'],
          ...['200 served', '200 served', '200'],
        ]);
    });
    const after = await rowsOf(one.owner, place.schema_name);
    // Signing in again, just now, is all that has happened.
    for (const table of Object.keys(before).filter(
      (name) => !['sessions', 'tokens', 'users', 'audit_events'].includes(name),
    ))
      expect({ [table]: after[table] }).toEqual({ [table]: before[table] });
    expect(await traces(acme, place)).toEqual(registered);
  });

  it('is suspended again after it was restored, if it was suspended before', async () => {
    await one.nest.get(TenantsService).suspend(acme.slug);
    await deletion.delete(acme.slug, 30);
    expect(await deletion.restore(acme.slug)).toMatchObject({ status: 'suspended' });
    expect((await one.nest.get(TenantsService).resume(acme.slug)).status).toBe('active');
    expect((await deletion.restore(acme.slug)).status).toBe('active');
  });

  it('can neither be suspended nor deleted while it is being moved', async () => {
    await one.owner.query(`UPDATE public.tenants SET status = 'maintenance' WHERE id = $1`, [acme.id]);
    await expect(deletion.delete(acme.slug, 0)).rejects.toMatchObject({ code: 'tenant_status_conflict' });
    await expect(one.nest.get(TenantsService).suspend(acme.slug)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(deletion.restore(acme.slug)).rejects.toMatchObject({ code: 'tenant_status_conflict' });
    await expect(deletion.purge(acme.slug, acme.slug)).rejects.toMatchObject({ code: 'tenant_status_conflict' });
  });
});

describe('an organisation that is purged', () => {
  it('leaves nothing anywhere, is purged by the worker when its time has come, and gives its slug away', async () => {
    await fill(acme);
    const place = await placeOf(acme);
    await eventually(async () =>
      expect(await traces(acme, place)).toMatchObject({
        'public.tenants': 1,
        'public.former_slugs': 1,
        'public.tenant_domains': 1,
        'public.archives': 1,
        'public.subscriptions': 1,
        'public.usage_daily': 1,
        // The one that is never due; those of the sign-up may be on their way or not.
        'platform.outbox': expect.any(Number),
        'platform.bulk_runs': 1,
        'platform.failed_sign_ins': 1,
        'platform.idempotency_keys': 1,
        'jobs.job': 2,
        schema: 1,
        role: 1,
        files: 1,
      }),
    );
    const neighbour = await signUp(one);
    await deletion.delete(acme.slug, 0);
    await one.nest.get(TenantsJobs).purgeDeleted();
    expect(await traces(acme, place)).toEqual({});
    expectStatus(await neighbour.owner.get('/users/me'), 200);
    await eventually(async () => expect(await heard(two)).toEqual(HIDDEN));
    const next = await signUp(one, acme.slug);
    expect(next.id).not.toBe(acme.id);
    await eventually(async () =>
      expect((await new Client(two.url).get('/tenants/current', { 'x-tenant-domain': acme.slug })).status).toBe(200),
    );
    expectStatus(await new Client(two.url).as(acme.owner.accessToken).get('/users/me'), 401);
  });

  it('must have been deleted, and its slug typed again', async () => {
    await expect(deletion.purge(acme.slug, acme.slug)).rejects.toMatchObject({ code: 'tenant_status_conflict' });
    await deletion.delete(acme.slug, 30);
    await expect(deletion.purge(acme.slug, 'acme')).rejects.toMatchObject({ code: 'slug_not_confirmed' });
    const place = await placeOf(acme);
    await deletion.purge(acme.slug, acme.slug);
    expect(await traces(acme, place)).toEqual({});
    await expect(deletion.purge(acme.slug, acme.slug)).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it.each(['jobs', 'files', 'schema', 'row'])(
    'is finished later when it dies at the %s, and cannot be restored meanwhile',
    async (step) => {
      await writeFile(`${await folderOf(acme)}/kept`, 'x');
      const place = await placeOf(acme);
      const fails = () => Promise.reject(new Error('the process died'));
      const target = {
        jobs: () => jest.spyOn(one.nest.get(Jobs), 'removeAll').mockImplementationOnce(fails),
        files: () => jest.spyOn(one.nest.get(TenantFiles), 'removeAll').mockImplementationOnce(fails),
        schema: () => jest.spyOn(one.nest.get(SchemaManager), 'drop').mockImplementationOnce(fails),
        // The row that nobody may remove: the step behind everything else.
        row: () =>
          one.owner.query(
            `CREATE TABLE public.holds_${acme.id.slice(-12)} (tenant_id uuid REFERENCES public.tenants);
             INSERT INTO public.holds_${acme.id.slice(-12)} VALUES ('${acme.id}')`,
          ),
      }[step]!;
      await target();
      await deletion.delete(acme.slug, 0);
      await expect(deletion.purge(acme.slug, acme.slug)).rejects.toThrow();
      await expect(deletion.restore(acme.slug)).rejects.toMatchObject({ code: 'purge_has_begun' });
      expect(await traces(acme, place)).toMatchObject({ 'public.tenants': 1 });
      expect(await deletion.findDue()).toContain(acme.slug);
      if (step === 'row') await one.owner.query(`DROP TABLE public.holds_${acme.id.slice(-12)}`);
      expect(await deletion.purgeDue()).toContain(acme.slug);
      expect(await traces(acme, place)).toEqual({});
      jest.restoreAllMocks();
    },
  );

  it('is purged by one of two who begin at once, and the other one does not wait', async () => {
    const place = await placeOf(acme);
    await deletion.delete(acme.slug, 0);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const removing = jest.spyOn(one.nest.get(Jobs), 'removeAll').mockImplementationOnce(() => held);
    const first = deletion.purge(acme.slug, acme.slug);
    await eventually(async () => expect(removing).toHaveBeenCalled());
    const other = two.nest.get(TenantDeletionService);
    await expect(other.purge(acme.slug, acme.slug)).rejects.toMatchObject({ code: 'purge_has_begun' });
    expect(await other.purgeDue()).toEqual([]);
    goOn();
    await first;
    expect(await traces(acme, place)).toEqual({});
    jest.restoreAllMocks();
  });

  it('takes the copy with it that a move has left', async () => {
    const place = await placeOf(acme);
    const old = await one.nest.get(SchemaManager).provision();
    await one.owner.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [old.schema]);
    await one.owner.query(
      `INSERT INTO public.tenant_moves (id, tenant_id, reason, from_place, state, was_status)
       VALUES (gen_random_uuid(), $1, 'move', $2, 'switched', 'active')`,
      [acme.id, old],
    );
    await deletion.delete(acme.slug, 0);
    await deletion.purge(acme.slug, acme.slug);
    expect(await traces(acme, place)).toEqual({});
    expect(await traces(acme, { schema_name: old.schema, role_name: old.role! })).toEqual({});
  });

  it('leaves no file of a job that was at work meanwhile', async () => {
    const place = await placeOf(acme);
    const folder = await folderOf(acme);
    await deletion.delete(acme.slug, 0);
    const schemas = one.nest.get(SchemaManager);
    const drop = schemas.drop.bind(schemas);
    jest.spyOn(schemas, 'drop').mockImplementationOnce(async (binding) => {
      await mkdir(folder, { recursive: true });
      await writeFile(`${folder}/late`, 'x');
      await drop(binding);
    });
    await deletion.purge(acme.slug, acme.slug);
    expect(await traces(acme, place)).toEqual({});
    jest.restoreAllMocks();
  });
});
