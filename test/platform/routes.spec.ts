import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolOperator, type TestOperator } from '../support/operator.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let operator: TestOperator;
beforeAll(async () => {
  app = await startApp();
  [acme, operator] = await Promise.all([signUp(app, 'acme'), enrolOperator(app)]);
});
afterAll(() => app.stop());

const admin = (slug: string) => ({
  email: `ada@${slug}.test`,
  password: PASSWORD,
  firstName: 'Ada',
  lastName: 'Admin',
});

async function finished(job: { id: string }): Promise<any> {
  return eventually(async () => {
    const { data } = expectStatus(await operator.get(`/platform/jobs/${job.id}`), 200);
    expect(['done', 'dead']).toContain(data.state);
    return data;
  }, 30_000);
}

/** Newest first. */
async function onRecord(query: string): Promise<any[]> {
  return expectStatus(await operator.get(`/platform/events?${query}`), 200).data;
}

describe('tenants', () => {
  it('are made with an owner who can sign in, also while sign-up is closed', async () => {
    expectStatus(await operator.put('/platform/settings/sign-up.open', { value: false }), 200);
    const body = { name: 'Initech', slug: 'initech', plan: 'pro', admin: admin('initech') };
    const made = expectStatus(await operator.post('/platform/tenants', body), 201);
    expect(made.data).toMatchObject({ slug: 'initech', status: 'active', plan: 'pro', cluster: 'main' });
    expect(made.headers.get('location')).toBe(`/api/v1/platform/tenants/${made.data.id}`);
    expect(expectStatus(await operator.get(`/platform/tenants/${made.data.id}`), 200).data).toEqual(made.data);
    await signIn(new Client(app.url, { 'x-tenant-domain': 'initech' }), 'ada@initech.test');
    expectStatus(await operator.put('/platform/settings/sign-up.open', { value: true }), 200);
    expect(await operator.post('/platform/tenants', body)).toMatchObject({
      status: 409,
      error: { code: 'slug_taken' },
    });
  });

  it('are listed in pages, filtered, sorted and searched', async () => {
    for (const slug of ['umbrella', 'wayne', 'wonka']) await signUp(app, slug);
    const slugsOf = async (query: string) =>
      expectStatus(await operator.get(`/platform/tenants?sort=slug&${query}`), 200).data.map((one: any) => one.slug);
    expect(await slugsOf('q=W')).toEqual(['wayne', 'wonka']);
    expect(await slugsOf('q[nin]=w,u&limit=100')).not.toContain('wayne');
    expect(await slugsOf('q=way,umb')).toEqual(['umbrella', 'wayne']);
    expect(await slugsOf('plan=pro')).toEqual(['initech']);
    expect(await slugsOf('cluster=elsewhere')).toEqual([]);
    expect(await slugsOf('status=suspended')).toEqual([]);
    const all: string[] = [];
    for (let after = ''; ;) {
      const page = expectStatus(await operator.get(`/platform/tenants?sort=slug&limit=2&count=true${after}`), 200);
      all.push(...page.data.map((one: any) => one.slug));
      if (!page.meta.hasMore) {
        expect(page.meta.total).toBe(all.length);
        break;
      }
      after = `&after=${page.meta.nextCursor}`;
    }
    expect(all).toEqual([...new Set(all)].sort());
    expect(all).toEqual(expect.arrayContaining(['acme', 'umbrella', 'wayne', 'wonka']));
    expectStatus(await operator.get('/platform/tenants?owner=x'), 400);
  });

  it('are suspended and resumed within a second', async () => {
    const suspension = `/platform/tenants/${acme.id}/suspension`;
    expect(expectStatus(await operator.put(suspension), 200).data.status).toBe('suspended');
    await eventually(async () => expect((await acme.owner.get('/users/me')).error.code).toBe('tenant_suspended'));
    expect(expectStatus(await operator.delete(suspension), 200).data.status).toBe('active');
    await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 200));
  });

  it('are deleted with a grace period, and restored', async () => {
    const deletion = `/platform/tenants/${acme.id}/deletion`;
    const { data } = expectStatus(await operator.put(deletion, { graceDays: 2 }), 200);
    expect(data.status).toBe('deleted');
    expect(Date.parse(data.purgeAfter) - Date.parse(data.deletedAt)).toBeGreaterThan(172_700_000);
    await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 404));
    expect(expectStatus(await operator.delete(deletion), 200).data).toMatchObject({
      status: 'active',
      purgeAfter: null,
    });
    await eventually(async () => expectStatus(await acme.owner.get('/users/me'), 200));
  });

  it('are put on a plan, with limits of their own', async () => {
    const plan = `/platform/tenants/${acme.id}/plan`;
    const { data } = expectStatus(await operator.put(plan, { plan: 'enterprise', limits: { users: 7 } }), 200);
    expect(data).toMatchObject({ plan: 'enterprise', limits: { users: 7, projects: null } });
    const seen = expectStatus(await acme.owner.get('/tenants/current/subscription'), 200).data;
    expect(seen).toMatchObject({ plan: 'enterprise', limits: { users: 7 } });
    expectStatus(await operator.put(plan, { plan: 'gold' }), 404);
    expectStatus(await operator.put(plan, { plan: 'pro', limits: { users: -1 } }), 400);
  });

  it('that do not exist are missing', async () => {
    const id = newId();
    expectStatus(await operator.get(`/platform/tenants/${id}`), 404);
    expectStatus(await operator.put(`/platform/tenants/${id}/suspension`), 404);
    expectStatus(await operator.post(`/platform/tenants/${id}/moves`, { cluster: 'main' }), 404);
    expectStatus(await operator.post(`/platform/tenants/${id}/clones`, { slug: 'copy' }), 404);
    expectStatus(await operator.post(`/platform/tenants/${id}/exports`), 404);
    expectStatus(await operator.get('/platform/tenants/acme'), 400);
  });
});

describe('long work', () => {
  it('moves a tenant in the background; the old copy stays until it is confirmed', async () => {
    const task = await acme.project('Moved');
    expectStatus(await operator.post(`/platform/tenants/${acme.id}/moves`, { cluster: 'nowhere' }), 404);
    const { data: job } = expectStatus(
      await operator.post(`/platform/tenants/${acme.id}/moves`, { cluster: 'main' }),
      202,
    );
    expect(job).toMatchObject({ name: 'move-tenant' });
    expect(await finished(job)).toMatchObject({ state: 'done', result: { slug: 'acme' } });
    await eventually(async () => expectStatus(await acme.owner.get(`/projects/${task.id}`), 200));
    const moves = () => operator.get(`/platform/tenants/${acme.id}/moves`);
    expect(expectStatus(await moves(), 200).data).toMatchObject([{ state: 'switched', from: 'main', to: 'main' }]);
    expectStatus(await operator.put(`/platform/tenants/${acme.id}/moves/confirmation`), 204);
    expect((await moves()).data).toMatchObject([{ state: 'confirmed' }]);
    expectStatus(await operator.put(`/platform/tenants/${acme.id}/moves/confirmation`), 409);
  });

  it('clones a tenant', async () => {
    await acme.project('Cloned');
    const { data: job } = expectStatus(
      await operator.post(`/platform/tenants/${acme.id}/clones`, { slug: 'acme-copy', name: 'Copy' }),
      202,
    );
    const { result } = await finished(job);
    expect(expectStatus(await operator.get(`/platform/tenants/${result.tenantId}`), 200).data).toMatchObject({
      slug: 'acme-copy',
      name: 'Copy',
      status: 'active',
    });
    const copy = await signIn(new Client(app.url, { 'x-tenant-domain': 'acme-copy' }), acme.owner.email);
    expect(expectStatus(await copy.get('/projects?name=Cloned'), 200).data).toHaveLength(1);
    expectStatus(await operator.post(`/platform/tenants/${acme.id}/clones`, { slug: 'acme-copy' }), 409);
  });

  it('writes an export, which the organisation downloads', async () => {
    const exports = `/platform/tenants/${acme.id}/exports`;
    const { data } = expectStatus(await operator.post(exports), 201);
    await eventually(async () => {
      const [newest] = expectStatus(await operator.get(exports), 200).data;
      expect(newest).toMatchObject({ id: data.id, state: 'ready' });
    }, 20_000);
    expectStatus(await acme.owner.get(`/tenants/current/exports/${data.id}/file`), 200);
  });

  it('migrates the fleet', async () => {
    const status = expectStatus(await operator.get('/platform/migrations'), 200).data;
    expect(status).toMatchObject({ behind: 0, failed: [] });
    expect(status.groups.length).toBeGreaterThan(0);
    await app.owner.query(`UPDATE public.tenants SET schema_version = schema_version - 1 WHERE slug = 'wayne'`);
    expect(expectStatus(await operator.get('/platform/migrations'), 200).data.behind).toBe(1);
    const { data: job } = expectStatus(await operator.post('/platform/migrations', { canaryPercent: 50 }), 202);
    expect(await finished(job)).toMatchObject({ state: 'done', result: { done: 1, failed: [], stopped: null } });
    expect(expectStatus(await operator.get('/platform/migrations'), 200).data.behind).toBe(0);
  });

  it('is listed, and what was given up can be tried again', async () => {
    const id = newId();
    await app.owner.query(
      `INSERT INTO jobs.job (id, name, data, state, retry_limit, retry_count, output, completed_on, started_on)
       VALUES ($1, 'move-tenant', $2, 'failed', 0, 0, '{"error": "It broke."}', now(), now())`,
      [id, JSON.stringify({ tenantId: newId(), cluster: 'main' })],
    );
    const dead = expectStatus(await operator.get('/platform/jobs?state=dead&name=move-tenant'), 200).data;
    expect(dead).toMatchObject([{ id, state: 'dead', error: 'It broke.' }]);
    expect((await operator.get('/platform/jobs?state=done&limit=100')).data.map((job: any) => job.name)).toEqual(
      expect.arrayContaining(['move-tenant', 'clone-tenant', 'migrate-fleet']),
    );
    expectStatus(await operator.post(`/platform/jobs/${id}/retry`), 202);
    expect(await finished({ id })).toMatchObject({ state: 'dead', error: 'There is no such organisation.' });
    const [done] = (await operator.get('/platform/jobs?state=done&limit=1')).data;
    expect(await operator.post(`/platform/jobs/${done.id}/retry`)).toMatchObject({
      status: 409,
      error: { code: 'job_not_dead' },
    });
    expectStatus(await operator.get(`/platform/jobs/${newId()}`), 404);
  });
});

describe('the installation', () => {
  it('shows and changes its settings', async () => {
    const { data } = expectStatus(await operator.get('/platform/settings'), 200);
    expect(data.find((one: any) => one.key === 'archives.keep-days')).toMatchObject({ value: 7, changed: false });
    const changed = expectStatus(await operator.put('/platform/settings/archives.keep-days', { value: 3 }), 200);
    expect(changed.data).toMatchObject({ key: 'archives.keep-days', value: 3, changed: true });
    expectStatus(await operator.put('/platform/settings/archives.keep-days', { value: 'often' }), 400);
    expectStatus(await operator.put('/platform/settings/archives.keep-days', { value: { days: 3 } }), 400);
    expectStatus(await operator.put('/platform/settings/nothing', { value: 3 }), 404);
  });

  it('shows and changes its plans', async () => {
    const limits = { users: 11, projects: null, storageBytes: 1_000_000, requestsPerMinute: null };
    const changed = expectStatus(await operator.put('/platform/plans/free', { limits }), 200).data;
    expect(changed).toMatchObject({ key: 'free', limits });
    expect(expectStatus(await operator.get('/platform/plans'), 200).data).toContainEqual(changed);
    expectStatus(await operator.put('/platform/plans/free', { limits: { users: 11 } }), 400);
    expectStatus(await operator.put('/platform/plans/gold', { limits }), 404);
    const open = { users: null, projects: null, storageBytes: null, requestsPerMinute: null };
    expectStatus(await operator.put('/platform/plans/free', { limits: open }), 200);
  });

  it('shows and changes its clusters, and never an address', async () => {
    const url = 'postgres://somebody:hidden-word@127.0.0.1:1/none';
    const added = await operator.post('/platform/clusters', { name: 'far', url });
    expect(added).toMatchObject({ status: expect.any(Number), error: { code: 'cluster_refused' } });
    expectStatus(await operator.get('/platform/clusters/far'), 404);
    const changed = expectStatus(await operator.patch('/platform/clusters/main', { region: 'here' }), 200).data;
    expect(changed).toMatchObject({ name: 'main', region: 'here' });
    expect(expectStatus(await operator.get('/platform/clusters'), 200).data).toEqual([changed]);
    expectStatus(await operator.delete('/platform/clusters/main'), added.status);
    expect(JSON.stringify(await onRecord('limit=100'))).not.toContain('hidden-word');
  });
});

describe('the record of what operators do', () => {
  it('says who did what to whom, from where, in which request, and what became of it', async () => {
    const answer = expectStatus(await operator.put(`/platform/tenants/${acme.id}/suspension`), 200);
    const [event] = await onRecord(`action=tenant.suspend&targetId=${acme.id}&limit=1`);
    expect(event).toMatchObject({
      operatorId: operator.id,
      operatorEmail: operator.email,
      outcome: 'done',
      targetType: 'tenant',
      targetId: acme.id,
      address: '127.0.0.1',
      requestId: answer.headers.get('x-request-id'),
    });
    expectStatus(await operator.delete(`/platform/tenants/${acme.id}/suspension`), 200);
  });

  it('knows what was made, what it was made of, and no password', async () => {
    const body = { name: 'Hooli', slug: 'hooli', admin: admin('hooli') };
    const { data } = expectStatus(await operator.post('/platform/tenants', body), 201);
    const [event] = await onRecord('action=tenant.create&limit=1');
    expect(event).toMatchObject({ outcome: 'done', targetId: data.id, details: { slug: 'hooli', name: 'Hooli' } });
    expect(JSON.stringify(await onRecord('limit=100'))).not.toContain(PASSWORD);
  });

  it('keeps what was refused, and why', async () => {
    expectStatus(await operator.put('/platform/settings/nothing', { value: 3 }), 404);
    const [event] = await onRecord('action=setting.change&limit=1');
    expect(event).toMatchObject({
      outcome: 'refused',
      targetId: 'nothing',
      details: { value: 3, refused: 'setting_unknown' },
    });
  });

  it('comes before the deed: what cannot be recorded is not done', async () => {
    await app.owner.query('ALTER TABLE public.operator_events RENAME TO operator_events_away');
    try {
      expectStatus(await operator.put(`/platform/tenants/${acme.id}/suspension`), 500);
    } finally {
      await app.owner.query('ALTER TABLE public.operator_events_away RENAME TO operator_events');
    }
    expect(expectStatus(await operator.get(`/platform/tenants/${acme.id}`), 200).data.status).toBe('active');
  });
});
