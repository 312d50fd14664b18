import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DoctorService } from '../../src/fleet/doctor.service.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0' } });
});
afterAll(() => app.stop());

async function expectDamaged({ owner, visitor }: TestTenant): Promise<void> {
  const answers = [
    await owner.get('/projects'),
    await owner.get('/users/me'),
    await owner.post('/projects', { name: 'Another' }),
    await owner.get('/search?q=anything'),
    await visitor.post('/auth/login', { email: owner.email, password: PASSWORD }),
    await visitor.post('/auth/refresh', { refreshToken: owner.refreshToken }),
  ];
  expect(answers.map(({ status, error }) => [status, error?.code])).toEqual(answers.map(() => [503, 'tenant_damaged']));
}

describe('a tenant', () => {
  it.each([
    ['whose schema is lost', 'DROP SCHEMA "@" CASCADE'],
    ['whose role is lost', 'DROP OWNED BY "role"; DROP ROLE "role"'],
    ['whose role may not enter any more', 'REVOKE ALL ON SCHEMA "@" FROM "role"'],
    ['whose tables are closed', 'REVOKE ALL ON ALL TABLES IN SCHEMA "@" FROM "role"'],
  ])('%s answers 503 tenant_damaged, and the doctor says what to do', async (_, statement) => {
    const tenant = await signUp(app);
    const { binding } = await app.nest.get(TenantsService).getBySlug(tenant.slug);
    await app.owner.query(
      statement.replaceAll('"@"', `"${binding.schema}"`).replaceAll('"role"', `"${binding.role!}"`),
    );
    await eventually(() => expectDamaged(tenant));
    // Whoever operates it hears no stack, and what leads on.
    const { error } = await command(app, 'user', 'list', tenant.slug);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error!.message).toMatch(/is damaged[^]*projectflow tenant doctor/);
    const findings = (await app.nest.get(DoctorService).examine()).findings.filter(
      ({ subject }) => subject === tenant.slug,
    );
    expect(findings.length).toBeGreaterThan(0);
    for (const { mend } of findings) await mend?.();
    if (findings.some(({ mend }) => mend === null)) expect(findings[0]!.remedy).toMatch(/tenant restore .* --from/);
    else await eventually(async () => expectStatus(await tenant.owner.get('/projects'), 200));
  });

  it('whose role is entered by the login of another home is given back to its own', async () => {
    const tenant = await signUp(app);
    const { binding } = await app.nest.get(TenantsService).getBySlug(tenant.slug);
    const { rows } = await app.owner.query(
      `SELECT m.rolname AS own, replace(m.rolname, 'home_' || $2, 'home_' || (1 - $2::int)) AS other
         FROM pg_auth_members g JOIN pg_roles r ON r.oid = g.roleid JOIN pg_roles m ON m.oid = g.member
        WHERE r.rolname = $1 AND m.rolname LIKE '%home%'`,
      [binding.role, String(binding.home)],
    );
    const { own, other } = rows[0];
    await app.owner.query(
      `REVOKE "${binding.role!}" FROM "${own}"; GRANT "${binding.role!}" TO "${other}" WITH INHERIT FALSE`,
    );
    const find = async () =>
      (await app.nest.get(DoctorService).examine()).findings.filter(({ subject }) => subject === tenant.slug);
    const [finding] = await find();
    expect(finding).toMatchObject({ kind: 'wrong_home', message: expect.stringContaining(other) });
    await finding!.mend!();
    expect(await find()).toEqual([]);
    await eventually(async () => expectStatus(await tenant.owner.get('/projects'), 200));
  });

  it('that has lost a table is not copied as if it were whole, and the doctor names the table and the way out', async () => {
    const tenant = await signUp(app);
    const { binding } = await app.nest.get(TenantsService).getBySlug(tenant.slug);
    await app.owner.query(`DROP TABLE "${binding.schema}".tasks CASCADE`);
    const file = join(tmpdir(), `${tenant.slug}.pft`);
    for (const words of [
      ['backup', tenant.slug, '--to', file],
      ['export', tenant.slug, '--to', file],
      ['clone', tenant.slug, '--slug', `${tenant.slug}-copy`],
    ]) {
      const { error } = await command(app, 'tenant', ...words);
      expect([words[0], error?.message]).toEqual([
        words[0],
        expect.stringMatching(/lacks tasks[^.]*\.[^]*tenant restore/),
      ]);
    }
    await expect(stat(file)).rejects.toThrow(/ENOENT/);
    const findings = (await app.nest.get(DoctorService).examine()).findings.filter(
      ({ subject }) => subject === tenant.slug,
    );
    expect(findings).toMatchObject([
      { kind: 'drift', message: expect.stringContaining('lost the tables tasks'), mend: null },
    ]);
    expect(findings[0]!.remedy).toContain(`tenant restore ${tenant.slug} --from`);
  });

  it('is not called damaged by a function of an extension that its role may not call', async () => {
    const tenant = await signUp(app);
    const { binding } = await app.nest.get(TenantsService).getBySlug(tenant.slug);
    await app.owner.query(
      `CREATE FUNCTION "${binding.schema}".refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'permission denied for function elsewhere' USING ERRCODE = 'insufficient_privilege'; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON "${binding.schema}".projects EXECUTE FUNCTION "${binding.schema}".refuse()`,
    );
    const answer = await tenant.owner.post('/projects', { name: 'Refused' });
    expect([answer.status, answer.error?.code]).toEqual([500, 'internal_error']);
    expectStatus(await tenant.owner.get('/projects'), 200);
  });
});

describe('a full disk', () => {
  it('is 503 storage_full, and nothing is written', async () => {
    const tenant = await signUp(app);
    const { binding } = await app.nest.get(TenantsService).getBySlug(tenant.slug);
    await app.owner.query(
      `CREATE FUNCTION "${binding.schema}".no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER no_room BEFORE INSERT ON "${binding.schema}".projects EXECUTE FUNCTION "${binding.schema}".no_room()`,
    );
    const answer = await tenant.owner.post('/projects', { name: 'One too many' });
    expect([answer.status, answer.error?.code]).toEqual([503, 'storage_full']);
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(expectStatus(await tenant.owner.get('/projects'), 200).data).toEqual([]);
  });
});
