import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AdoptionService } from '../../src/fleet/adoption.service.ts';
import { DoctorService } from '../../src/fleet/doctor.service.ts';
import type { Finding } from '../../src/fleet/doctor.types.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { SchemaRemoval } from '../../src/platform/database/schema-removal.ts';
import { TenantDeletionService } from '../../src/tenants/tenant-deletion.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { projectflow } from '../support/projectflow.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let adoption: AdoptionService;
let tenants: TenantsService;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
  adoption = app.nest.get(AdoptionService);
  tenants = app.nest.get(TenantsService);
});
afterAll(() => app.stop());

const sql = (text: string, values: unknown[] = []) => app.owner.query(text, values);

/** What a schema is called while it is set aside. */
const setAsideName = (schema: string) => schema.replace(/^t_/, 'set_aside_');

/** Its row alone is gone: everything that it has is in its schema still. */
async function loseRow(tenant: TestTenant): Promise<string> {
  const found = await tenants.getBySlug(tenant.slug);
  await sql('DELETE FROM public.tenants WHERE id = $1', [tenant.id]);
  await tenants.forget(found);
  return found.binding.schema;
}

async function findings(kind: Finding['kind']): Promise<Finding[]> {
  return (await app.nest.get(DoctorService).examine()).findings.filter((finding) => finding.kind === kind);
}

async function schemas(): Promise<string[]> {
  const { rows } = await sql(`SELECT nspname FROM pg_namespace WHERE nspname ~ '^(t|set_aside)_[0-9a-f]{16}'`);
  return rows.map((row: { nspname: string }) => row.nspname);
}

describe('a schema whose row was lost', () => {
  it('is set aside by the doctor, closed to every login, and adopted with everything in it', async () => {
    const tenant = await signUp(app);
    const project = await tenant.project('The only one');
    const key = expectStatus(
      await tenant.owner.post('/auth/api-keys', { name: 'robot', scopes: ['project.read'] }),
      201,
    ).data.key;
    const schema = await loseRow(tenant);

    const fixed = await projectflow(app, ['tenant', 'doctor', '--fix']);
    expect(fixed.code).toBe(0);
    expect(fixed.stdout).toMatch(
      new RegExp(`schema_without_tenant  ${schema}[^]*1 people[^]*projectflow tenant adopt ${schema}`),
    );
    const kept = setAsideName(schema);
    expect(await schemas()).toContain(kept);
    expect(await schemas()).not.toContain(schema);
    const { rows } = await sql(
      `SELECT rolname FROM pg_roles r WHERE NOT rolsuper AND has_schema_privilege(r.oid, $1, 'USAGE') AND rolname LIKE 'pf\\_%'`,
      [kept],
    );
    expect(rows).toEqual([]);
    // Looking again changes nothing, and names both ways on.
    const again = await projectflow(app, ['tenant', 'doctor', '--fix']);
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(
      new RegExp(
        `schema_set_aside  ${kept}[^]*adopt ${kept} --slug ${tenant.slug}[^]*drop-orphan ${kept} --confirm ${kept}`,
      ),
    );

    const adopted = await projectflow(app, ['tenant', 'adopt', kept, '--slug', tenant.slug, '--cluster', 'main']);
    expect(adopted).toMatchObject({ code: 0, stderr: '' });
    expect(await tenants.getBySlug(tenant.slug)).toMatchObject({ id: tenant.id, status: 'active', plan: 'free' });
    await eventually(async () => {
      const owner = await signIn(tenant.visitor, tenant.owner.email);
      expect(expectStatus(await owner.get(`/projects/${project.id}`), 200).data.name).toBe('The only one');
    });
    // The id came back with it: what names it still counts.
    expectStatus(await new Client(app.url).as(key).get('/projects'), 200);
    expectStatus(await tenant.visitor.post('/auth/refresh', { refreshToken: tenant.owner.refreshToken }), 200);
    expect((await app.nest.get(DoctorService).examine()).findings).toEqual([]);
  });

  it('is adopted without being set aside, under another slug and name', async () => {
    const tenant = await signUp(app);
    const schema = await loseRow(tenant);
    const { tenant: adopted, lost } = await adoption.adopt({
      schema,
      cluster: 'main',
      slug: `${tenant.slug}-2`,
      name: 'Anew',
    });
    expect(adopted).toMatchObject({ id: tenant.id, name: 'Anew', binding: { schema } });
    expect(lost).toEqual([]);
    await signIn(new Client(app.url).with({ 'x-tenant-domain': `${tenant.slug}-2` }), tenant.owner.email);
  });

  it('says what is lost with an id that is not known, and gives it up only when asked to', async () => {
    const tenant = await signUp(app);
    expectStatus(await tenant.owner.post('/auth/api-keys', { name: 'robot', scopes: ['project.read'] }), 201);
    const schema = await loseRow(tenant);
    await sql(`COMMENT ON SCHEMA "${schema}" IS NULL`);
    const wanted = { schema, cluster: 'main', slug: tenant.slug };
    await expect(adoption.adopt(wanted)).rejects.toThrow(/--name/);
    await expect(adoption.adopt({ ...wanted, name: 'A' })).rejects.toThrow(/API keys[^]*--id <id>[^]*--reset-secrets/);
    expect(await schemas()).toContain(schema);
    const { tenant: adopted, lost } = await adoption.adopt({ ...wanted, name: 'A', resetSecrets: true });
    expect(adopted.id).not.toBe(tenant.id);
    expect(lost.join()).toMatch(/API keys/);
    expectStatus(await tenant.visitor.post('/auth/login', { email: tenant.owner.email, password: PASSWORD }), 200);
  });

  it('that says it is of a tenant that is there becomes one of its own', async () => {
    const [tenant, original] = [await signUp(app), await signUp(app)];
    const project = await tenant.project('In the copy');
    const schema = await loseRow(tenant);
    const label = { tenant: original.id, slug: original.slug, name: 'Copy', plan: 'free' };
    await app.nest.get(SchemaManager).label({ cluster: 'main', schema }, label);
    const wanted = { schema, cluster: 'main', slug: tenant.slug };
    await expect(adoption.adopt(wanted)).rejects.toThrow(`of the tenant ${original.slug}`);
    const { tenant: adopted } = await adoption.adopt({ ...wanted, asNew: true, resetSecrets: true });
    expect([tenant.id, original.id]).not.toContain(adopted.id);
    const owner = await signIn(tenant.visitor, tenant.owner.email);
    expect(expectStatus(await owner.get(`/projects/${project.id}`), 200).data.name).toBe('In the copy');
    expectStatus(await original.owner.get('/projects'), 200);
  });

  it('is set aside also where one of the same name was set aside before, and each has its own name', async () => {
    const tenant = await signUp(app);
    const { binding } = await tenants.getBySlug(tenant.slug);
    const schema = await loseRow(tenant);
    const kept = setAsideName(schema);
    await sql(`CREATE SCHEMA "${kept}"`);
    expect(await app.nest.get(SchemaRemoval).setAside(binding)).toBe(`${kept}_2`);
    const named = (await findings('schema_set_aside')).map(({ subject }) => subject);
    expect(named).toEqual(expect.arrayContaining([kept, `${kept}_2`]));
    await adoption.drop(kept);
    await adoption.adopt({ schema: `${kept}_2`, cluster: 'main', slug: tenant.slug });
    await signIn(tenant.visitor, tenant.owner.email);
  });

  it('is refused where it would do harm, and then nothing is changed', async () => {
    const [tenant, other] = [await signUp(app), await signUp(app)];
    const { binding } = await tenants.getBySlug(other.slug);
    const wanted = { cluster: 'main', slug: `${tenant.slug}-x` };
    await expect(adoption.adopt({ ...wanted, schema: binding.schema })).rejects.toThrow(`of the tenant ${other.slug}`);
    const schema = await loseRow(tenant);
    const refused = (change: object, error: RegExp) =>
      expect(adoption.adopt({ ...wanted, schema, ...change })).rejects.toThrow(error);
    await refused({ slug: other.slug }, /is taken/);
    await refused({ cluster: 'nowhere' }, /no cluster nowhere/);
    await refused({ schema: 'public' }, /not the name of a tenant's schema/);
    await refused({ schema: 't_0123456789abcdef' }, /no schema t_0123456789abcdef/);
    await refused({ id: other.id }, /Leave --id out/);
    await refused({ id: tenant.id, asNew: true }, /--as-new[^]*Leave --id out/);
    await refused({ plan: 'golden' }, /no plan golden/);
    await sql(`ALTER TABLE "${schema}".users ADD COLUMN salary integer`);
    await refused({}, /\+ column users\.salary[^]*--force/);
    await sql(`ALTER TABLE "${schema}".users DROP COLUMN salary`);
    await sql(`INSERT INTO "${schema}".migrations ("timestamp", name) VALUES (9000000000000, 'Later')`);
    await refused({}, /newer release/);
    await sql(`DELETE FROM "${schema}".migrations WHERE name = 'Later'`);
    await expect(tenants.getBySlug(wanted.slug)).rejects.toThrow();
    await adoption.adopt({ ...wanted, schema });
  });

  it('goes for good only by its name, typed twice', async () => {
    const tenant = await signUp(app);
    const schema = await loseRow(tenant);
    const drop = (...args: string[]) => projectflow(app, ['tenant', 'drop-orphan', schema, ...args]);
    expect((await drop('--confirm', 'yes')).stderr).toMatch(`--confirm ${schema}`);
    expect(await schemas()).toContain(schema);
    expect((await drop('--confirm', schema)).stdout).toMatch(/is gone, with 1 people/);
    expect(await schemas()).not.toContain(schema);
    const { binding } = await tenants.getBySlug((await signUp(app)).slug);
    await expect(adoption.drop(binding.schema)).rejects.toThrow(/of the tenant/);
  });
});

describe('what is removed by itself', () => {
  it('is no ready schema in which there are people, whatever the registry says of it', async () => {
    const tenant = await signUp(app);
    const schema = await loseRow(tenant);
    const { role, home } = { role: null, home: 0 };
    await sql(
      `INSERT INTO public.ready_schemas (schema_name, role_name, cluster, state, home, schema_version) VALUES ($1, $2, 'main', 'ready', $3, 1)`,
      [schema, role, home],
    );
    await app.nest.get(ReadyPool).discard({ cluster: 'main', schema, role, home });
    expect(await schemas()).toContain(setAsideName(schema));
    await adoption.adopt({ schema, cluster: 'main', slug: tenant.slug });
  });

  it('is no sign-up in which somebody is signed in, and its slug is free at once', async () => {
    const tenant = await signUp(app);
    const { binding } = await tenants.getBySlug(tenant.slug);
    await sql(
      `UPDATE public.tenants SET status = 'provisioning', created_at = now() - interval '11 minutes' WHERE id = $1`,
      [tenant.id],
    );
    await tenants.removeAbandoned(new Date(Date.now() - 600_000));
    expect(await schemas()).toContain(setAsideName(binding.schema));
    await adoption.adopt({ schema: binding.schema, cluster: 'main', slug: tenant.slug });
    await signIn(tenant.visitor, tenant.owner.email);
  });

  it('is no schema that says it is of another tenant than the one that is purged', async () => {
    const [tenant, other] = [await signUp(app), await signUp(app)];
    const [mine, theirs] = [await tenants.getBySlug(tenant.slug), await tenants.getBySlug(other.slug)];
    // As an old registry has it: under this row there was an empty schema then.
    await sql('DELETE FROM public.tenants WHERE id = $1', [other.id]);
    const { schema, role } = theirs.binding;
    await sql('UPDATE public.tenants SET schema_name = $2, role_name = $3 WHERE id = $1', [tenant.id, schema, role]);
    await tenants.forget(theirs);
    await app.nest.get(TenantDeletionService).delete(tenant.slug);
    await app.nest.get(TenantDeletionService).purge(tenant.slug, tenant.slug);
    expect(await schemas()).toContain(setAsideName(theirs.binding.schema));
    await adoption.adopt({ schema: theirs.binding.schema, cluster: 'main', slug: other.slug });
    await signIn(other.visitor, other.owner.email);
    await adoption.drop(mine.binding.schema);
  });

  it('is a copy that was never switched to, and none that was', async () => {
    const { version } = app.nest.get(SchemaManager);
    const copy = await app.nest.get(SchemaManager).provisionFor('main', version);
    await sql(
      `INSERT INTO "${copy.schema}".users (id, email, first_name, last_name) VALUES ($1, 'a@a.test', 'A', 'A')`,
      [randomUUID()],
    );
    await app.nest.get(SchemaManager).label(copy, { tenant: randomUUID(), slug: 'a', name: 'A', plan: 'free' });
    await app.nest.get(ReadyPool).discard(copy);
    expect(await schemas()).toContain(setAsideName(copy.schema));
    await app.nest.get(SchemaRemoval).remove(copy);
    await adoption.drop(setAsideName(copy.schema));
    const half = await app.nest.get(SchemaManager).provisionFor('main', version);
    await sql(
      `INSERT INTO "${half.schema}".users (id, email, first_name, last_name) VALUES ($1, 'a@a.test', 'A', 'A')`,
      [randomUUID()],
    );
    await app.nest.get(ReadyPool).discard(half);
    expect((await schemas()).filter((name) => name.endsWith(half.schema.slice(2)))).toEqual([]);
    expect(await findings('schema_without_tenant')).toEqual([]);
  });
});

describe('a tenant that was left in maintenance', () => {
  it('is found by the doctor, and served again', async () => {
    const tenant = await signUp(app);
    await sql(
      `UPDATE public.tenants SET status = 'maintenance', updated_at = now() - interval '11 minutes' WHERE id = $1`,
      [tenant.id],
    );
    const [finding] = await findings('left_in_maintenance');
    expect(finding!.subject).toBe(tenant.slug);
    await finding!.mend!();
    expect(await findings('left_in_maintenance')).toEqual([]);
    await eventually(async () => expectStatus(await tenant.owner.get('/projects'), 200));
  });
});
