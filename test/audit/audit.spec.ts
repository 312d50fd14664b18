import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RefusedSignIns } from '../../src/audit/refused-sign-ins.service.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { UsageService } from '../../src/subscriptions/usage.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const log = async (query = '') => expectStatus(await acme.owner.get(`/tenants/current/audit-log${query}`), 200).data;

describe('the audit log', () => {
  it('tells who did what, from where, the newest first', async () => {
    const person = await acme.join('Mia', 'member');
    expectStatus(await acme.visitor.post('/auth/login', { email: person.email, password: 'a wrong password' }), 401);
    expectStatus(await acme.owner.put(`/users/${person.id}/roles`, { roles: ['viewer'] }), 200);
    const events = await log(`?targetId=${person.id}`);
    expect(events.map((event: any) => [event.action, event.outcome])).toEqual(
      expect.arrayContaining([
        ['user.roles_changed', 'done'],
        ['sign_in.refused', 'refused'],
        ['sign_in.done', 'done'],
      ]),
    );
    expect(events[0]).toMatchObject({
      action: 'user.roles_changed',
      actorKind: 'user',
      actorId: acme.owner.id,
      before: { roles: ['member'] },
      after: { roles: ['viewer'] },
      address: '127.0.0.1',
      requestId: expect.any(String),
    });
    expect(expectStatus(await acme.owner.get(`/tenants/current/audit-log/${events[0].id}`), 200).data).toEqual(
      events[0],
    );
  });

  it('tells of refused sign-ins by account or address and hour, how often and when last, and forgets them after 90 days', async () => {
    const { visitor, owner, slug, id } = await signUp(app);
    const attempt = (email: string) => visitor.post('/auth/login', { email, password: 'not the password' });
    for (const email of [owner.email, owner.email.toUpperCase(), owner.email]) expectStatus(await attempt(email), 401);
    for (const email of [`nobody@${slug}.test`, `Nobody@${slug}.test`]) expectStatus(await attempt(email), 401);
    const refused = async () =>
      expectStatus(await owner.get('/tenants/current/audit-log?action=sign_in.refused&limit=100'), 200).data;
    const counts = (await refused()).map(({ targetId, details }: any) => [targetId, details.reason, details.attempts]);
    expect(counts.toSorted()).toEqual([
      [null, 'unknown', 2],
      [owner.id, 'wrong', 3],
    ]);
    const [{ id: eventId, details }] = await refused();
    expect(Date.parse(details.lastAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(expectStatus(await owner.get(`/tenants/current/audit-log/${eventId}`), 200).data.id).toBe(eventId);
    // Whoever tries ever other addresses does not fill the log.
    const before = await app.nest.get(UsageService).measure((await app.nest.get(TenantDirectory).findById(id))!);
    for (let i = 0; i < 12; i += 1)
      await Promise.all(Array.from({ length: 10 }, (_, j) => attempt(`guess-${i}-${j}@${slug}.test`)));
    expect((await refused()).length).toBeLessThanOrEqual(100);
    expect((await refused()).some((event: any) => event.details.attempts > 10)).toBe(true);
    const after = await app.nest.get(UsageService).measure((await app.nest.get(TenantDirectory).findById(id))!);
    expect(after.storageBytes - before.storageBytes).toBeLessThanOrEqual(16_384);
    const { rows } = await app.owner.query('SELECT schema_name AS schema FROM public.tenants WHERE id = $1', [id]);
    const ofBefore = (days: number) =>
      app.owner.query(`UPDATE "${rows[0].schema}".audit_events SET at = now() - make_interval(days => $1)`, [days]);
    const all = async () => (await app.owner.query(`SELECT 1 FROM "${rows[0].schema}".audit_events`)).rowCount!;
    const kept = `SELECT 1 FROM "${rows[0].schema}".audit_events WHERE action = 'sign_in.refused'`;
    const [total, few] = [await all(), (await app.owner.query(kept)).rowCount!];
    expect(few).toBeLessThanOrEqual(103);
    await ofBefore(89);
    await app.nest.get(RefusedSignIns).forget();
    expect(await all()).toBe(total);
    await ofBefore(91);
    expect(await app.nest.get(RefusedSignIns).forget()).toBe(few);
    expect(await all()).toBe(total - few);
  });

  it('tells of people, their projects, exports, domains and names', async () => {
    const person = await acme.join('Ole', 'member');
    const project = await acme.project('Apollo', [[person, 'member']]);
    expectStatus(await acme.owner.patch(`/projects/${project.id}/members/${person.id}`, { role: 'viewer' }), 200);
    expectStatus(await acme.owner.delete(`/projects/${project.id}/members/${person.id}`), 204);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { active: false }), 200);
    const domain = expectStatus(
      await acme.owner.post('/tenants/current/domains', { domain: 'audit.example.com' }),
      201,
    );
    expectStatus(await acme.owner.delete(`/tenants/current/domains/${domain.data.id}`), 204);
    const asked = expectStatus(await acme.owner.post('/tenants/current/exports'), 201).data;
    expectStatus(await acme.owner.patch('/tenants/current/settings', { name: 'Acme & Co' }), 200);
    const actions = (await log('?limit=100')).map((event: any) => event.action);
    for (const action of [
      'user.created',
      'project_member.added',
      'project_member.changed',
      'project_member.removed',
      'user.updated',
      'domain.added',
      'domain.removed',
      'export.requested',
      'organisation.renamed',
    ])
      expect(actions).toContain(action);
    expect((await log(`?action=user.updated&targetId=${person.id}`))[0]).toMatchObject({
      before: { active: true },
      after: { active: false },
    });
    expect((await log(`?targetId=${asked.id}`))[0]).toMatchObject({
      action: 'export.requested',
      actorId: acme.owner.id,
    });
  });

  it('is filtered and paged', async () => {
    for (let i = 0; i < 5; i++) await acme.visitor.post('/auth/login', { email: acme.owner.email, password: PASSWORD });
    const all = await log('?action=sign_in.done&outcome=done&limit=100');
    const page = await acme.owner.get('/tenants/current/audit-log?action=sign_in.done&outcome=done&limit=2');
    expect(page.data.map((event: any) => event.id)).toEqual(all.slice(0, 2).map((event: any) => event.id));
    const mine = await log('?actorId=me&limit=100');
    expect(mine.length).toBeGreaterThan(0);
    expect(mine).toEqual(await log(`?actorId=${acme.owner.id}&limit=100`));
    const next = await log(`?action=sign_in.done&outcome=done&limit=2&after=${page.meta.nextCursor}`);
    expect(next.map((event: any) => event.id)).toEqual(all.slice(2, 4).map((event: any) => event.id));
    expect(await log('?at[lt]=2001-01-01T00:00:00Z')).toEqual([]);
  });

  it('is for admins', async () => {
    expectStatus(await (await acme.join('Nia', 'manager')).get('/tenants/current/audit-log'), 403);
    expectStatus(await (await acme.join('Alex', 'admin')).get('/tenants/current/audit-log'), 200);
  });

  it('holds no password, token or code', async () => {
    const text = JSON.stringify(await log('?limit=100'));
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toMatch(/argon2|pf[rtk]_|eyJ/);
  });
});
