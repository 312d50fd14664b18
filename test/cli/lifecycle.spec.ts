import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { projectflow as run, type CommandOutcome } from '../support/projectflow.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const PATIENCE_MS = 120_000;

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp({ limits: true });
  acme = await signUp(app, 'acme');
});
afterAll(() => app.stop());

const projectflow = (...args: string[]) => run(app, args);

/** Done: the line for people. */
function said({ code, stdout, stderr }: CommandOutcome): string {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

/** Failed with one sentence and without a stack, exit code 1. */
function refused({ code, stdout, stderr }: CommandOutcome): string {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr.trim();
}

const codeOf = ({ code, json }: CommandOutcome) => {
  expect(code).toBe(1);
  return json.error.code as string;
};

describe('projectflow tenant', () => {
  it(
    'deletes, restores, suspends and resumes a tenant of a running server, and says what it is now',
    async () => {
      const deleted = await projectflow('--json', 'tenant', 'delete', 'acme', '--grace-days', '0.5');
      expect(deleted).toMatchObject({ code: 0, json: { slug: 'acme', status: 'deleted' } });
      const grace = Date.parse(deleted.json.purgeAfter) - Date.parse(deleted.json.deletedAt);
      expect(grace).toBeCloseTo(43_200_000, -4);
      await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 404));
      expect(said(await projectflow('tenant', 'show', 'acme'))).toMatch(/^purged after +\d{4}-/m);
      expect(codeOf(await projectflow('--json', 'tenant', 'suspend', 'acme'))).toBe('tenant_status_conflict');
      expect(said(await projectflow('tenant', 'restore', 'acme'))).toBe('acme is active again.');
      await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 200));
      expect(said(await projectflow('tenant', 'suspend', 'acme'))).toMatch(/^acme is suspended/);
      expect(said(await projectflow('tenant', 'delete', 'acme'))).toMatch(
        /^acme is deleted\. Until .*tenant restore acme$/,
      );
      expect(said(await projectflow('tenant', 'restore', 'acme'))).toBe('acme is suspended again.');
      expect((await projectflow('--json', 'tenant', 'resume', 'acme')).json).toMatchObject({ status: 'active' });
      await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 200));
    },
    PATIENCE_MS,
  );

  it(
    'purges a deleted tenant, once its slug was typed again',
    async () => {
      await signUp(app, 'gone');
      expect(codeOf(await projectflow('--json', 'tenant', 'purge', 'gone', '--confirm', 'gone'))).toBe(
        'tenant_status_conflict',
      );
      said(await projectflow('tenant', 'delete', 'gone'));
      expect(refused(await projectflow('tenant', 'purge', 'gone', '--confirm', 'gnoe'))).toMatch(/--confirm gone/);
      expect((await projectflow('tenant', 'purge', 'gone')).code).toBe(2);
      const purged = await projectflow('--json', 'tenant', 'purge', 'gone', '--confirm', 'gone');
      expect(purged).toMatchObject({ code: 0, json: { slug: 'gone', purged: true } });
      expect((await new Client(app.url).get('/tenants/availability?slug=gone')).data.available).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'renames a tenant, and wants to know what to change',
    async () => {
      const old = await signUp(app, 'initech');
      expect(refused(await projectflow('tenant', 'rename', 'initech'))).toBe('Say what to change: --name or --slug.');
      expect(refused(await projectflow('tenant', 'rename', 'initech', '--slug', 'www'))).toMatch(/reserved/);
      expect(codeOf(await projectflow('--json', 'tenant', 'rename', 'initech', '--slug', 'acme'))).toBe('slug_taken');
      const renamed = await projectflow(
        '--json',
        'tenant',
        'rename',
        'initech',
        '--slug',
        'initrode',
        '--name',
        'Initrode',
      );
      expect(renamed).toMatchObject({ code: 0, json: { slug: 'initrode', name: 'Initrode' } });
      await eventually(async () => expect((await old.owner.get('/users/me')).error?.code).toBe('tenant_renamed'));
    },
    PATIENCE_MS,
  );

  it(
    'puts a tenant on a plan with limits of its own, known to the running server within a second',
    async () => {
      const changed = await projectflow(
        '--json',
        'tenant',
        'plan',
        'acme',
        'pro',
        '--limit',
        'users=3',
        '--limit',
        'projects=none',
      );
      expect(changed.json).toMatchObject({
        plan: 'pro',
        limits: { users: 3, projects: null, requestsPerMinute: 6_000 },
      });
      await eventually(async () =>
        expect((await acme.owner.get('/tenants/current/subscription')).data).toMatchObject({
          plan: 'pro',
          limits: { users: 3 },
        }),
      );
      expect(said(await projectflow('tenant', 'plan', 'acme', 'pro'))).toMatch(
        /^acme has the plan pro:\n +users +200$/m,
      );
      expect(refused(await projectflow('tenant', 'plan', 'acme', 'gold'))).toBe('There is no plan gold.');
    },
    PATIENCE_MS,
  );

  it(
    'says of a tenant or plan that is not there that it is not there, and makes nothing of it',
    async () => {
      const made = ['create', '--slug', 'gilded', '--name', 'X', '--email', 'a@b.test'];
      const outcomes = await Promise.all(
        [
          ['suspend', 'nobody'],
          ['delete', 'nobody'],
          ['restore', 'nobody'],
          ['purge', 'nobody', '--confirm', 'nobody'],
          ['plan', 'nobody', 'pro'],
          ['move', 'nobody'],
          [...made, '--plan', 'gold'],
          [...made, '--cluster', 'x'],
        ].map((args) => projectflow('--json', 'tenant', ...args)),
      );
      expect(outcomes.map(codeOf)).toEqual([
        ...Array(6).fill('tenant_not_found'),
        'plan_not_found',
        'cluster_not_found',
      ]);
      expect((await new Client(app.url).get('/tenants/availability?slug=gilded')).data.available).toBe(true);
    },
    PATIENCE_MS,
  );

  it('exits with 2 when it is not understood', async () => {
    const outcomes = await Promise.all([
      projectflow('tenant', 'delete', 'acme', '--grace-days', '1e300'),
      projectflow('tenant', 'plan', 'acme', 'pro', '--limit', 'toString=1'),
      projectflow('tenant', 'import', 'a-file'),
    ]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect((await acme.owner.get('/users/me')).status).toBe(200);
  });
});

describe('projectflow setting, plan and job', () => {
  it(
    'lists settings and changes one for the running server',
    async () => {
      expect(said(await projectflow('setting', 'list'))).toMatch(
        /^SETTING +VALUE +ABOUT\nsign-up\.open +true +default/,
      );
      expect(said(await projectflow('setting', 'set', 'sign-up.open', 'false'))).toBe('sign-up.open is false.');
      const admin = { email: 'a@b.test', password: 'a rather long password', firstName: 'A', lastName: 'B' };
      await eventually(async () => {
        const closed = await new Client(app.url).post('/tenants', { name: 'Late', slug: 'late', admin });
        expect(closed).toMatchObject({ status: 403, error: { code: 'sign_up_closed' } });
      });
      await projectflow('setting', 'set', 'sign-up.open', 'true');
      const listed = (await projectflow('--json', 'setting', 'list')).json;
      expect(listed).toContainEqual(expect.objectContaining({ key: 'sign-up.open', value: true, changed: true }));
      const [perhaps, red] = await Promise.all([
        projectflow('setting', 'set', 'sign-up.open', 'perhaps'),
        projectflow('--json', 'setting', 'set', 'colour', 'red'),
      ]);
      expect(refused(perhaps)).toBe('sign-up.open must be true or false.');
      expect(codeOf(red)).toBe('setting_unknown');
    },
    PATIENCE_MS,
  );

  it(
    'lists plans and changes one for all who have it',
    async () => {
      const free = await signUp(app);
      expect((await free.owner.get('/tenants/current/subscription')).data.limits.users).toBe(10);
      expect(said(await projectflow('plan', 'change', 'free', '--limit', 'users=12'))).toMatch(/^free:\n +users +12$/m);
      await eventually(async () =>
        expect((await free.owner.get('/tenants/current/subscription')).data.limits.users).toBe(12),
      );
      const plans = (await projectflow('--json', 'plan', 'list')).json;
      expect(plans.map(({ key }: { key: string }) => key)).toEqual(['free', 'pro', 'enterprise']);
      expect(plans[0].limits).toMatchObject({ users: 12, projects: 10 });
      expect(said(await projectflow('plan', 'list'))).toMatch(/enterprise \(Enterprise\)\n +users +no limit/);
      expect(refused(await projectflow('plan', 'change', 'gold', '--limit', 'users=1'))).toBe('There is no plan gold.');
    },
    PATIENCE_MS,
  );

  it(
    'lists jobs that were given up, and has one tried again',
    async () => {
      expect(said(await projectflow('job', 'list'))).toBe('None.');
      await app.owner.query(
        `INSERT INTO public.archives (id, tenant_id, reason, state) VALUES ('00000000-0000-4000-8000-000000000001', $1, 'export', 'failed')`,
        [acme.id],
      );
      const { rows } = await app.owner.query(
        `INSERT INTO jobs.job (name, data, state, retry_count, retry_limit, group_id, singleton_key, policy, output, started_on, completed_on)
         SELECT q.name, $1, 'failed', 3, 3, $2, 'k', q.policy, '{"error": "It broke."}', now(), now() FROM jobs.queue q WHERE q.name = 'write-export'
         RETURNING id`,
        [{ archiveId: '00000000-0000-4000-8000-000000000001', tenantId: acme.id }, acme.id],
      );
      const { id } = rows[0];
      expect(said(await projectflow('job', 'list'))).toMatch(new RegExp(`${id} +write-export +4 +It broke\\.`));
      expect((await projectflow('--json', 'job', 'list')).json).toMatchObject([
        { id, state: 'dead', tenantId: acme.id },
      ]);
      expect(said(await projectflow('job', 'retry', id))).toBe(`${id} is tried again.`);
      await eventually(async () => {
        const { data } = await acme.owner.get('/tenants/current/exports/00000000-0000-4000-8000-000000000001');
        expect(data.state).toBe('ready');
      }, 15_000);
      expect(refused(await projectflow('job', 'retry', id))).toMatch(/No job that was given up/);
      expect(refused(await projectflow('job', 'retry', 'the-first'))).toMatch(/No job that was given up/);
    },
    PATIENCE_MS,
  );
});
