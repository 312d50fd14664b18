import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SubscriptionsService } from '../../src/subscriptions/subscriptions.service.ts';
import { SystemSettingsService } from '../../src/settings/settings.service.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
let plans: SubscriptionsService;
beforeAll(async () => {
  one = await startApp({ limits: true });
  two = await startApp({ limits: true, settings: { WORKER: 'false' }, database: one.database });
  plans = one.nest.get(SubscriptionsService);
});
beforeEach(async () => {
  acme = await signUp(one);
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

const FREE = { users: 10, projects: 10, storageBytes: 1_073_741_824, requestsPerMinute: 1_200 };
const subscriptionOn = async (app: TestApp) =>
  expectStatus(await new Client(app.url).as(acme.owner.accessToken).get('/tenants/current/subscription'), 200).data;

const person = (firstName: string) => ({
  email: `${firstName}.${randomBytes(4).toString('hex')}@acme.test`,
  firstName,
  lastName: 'Tester',
});

/** At most this many are refused for want of room; a few may have waited too long for their turn. */
function sorted(answers: Answer[]): { made: number; refused: number } {
  for (const { status, error } of answers)
    expect(status === 201 || error.code === 'plan_limit_reached' || error.code === 'database_busy').toBe(true);
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  return { made: count(201), refused: count(403) };
}

describe('the limits of a plan', () => {
  it('are those of the plan that a sign-up gets, and can be read with what is used of them', async () => {
    expect(await subscriptionOn(one)).toEqual({
      plan: 'free',
      limits: FREE,
      used: { users: 1, projects: 0, storageBytes: 0 },
    });
    const member = await acme.join('Mia', 'member');
    expect((await member.get('/tenants/current/subscription')).status).toBe(403);
  });

  it('are named with use and plan in the refusal', async () => {
    await plans.subscribe(acme.slug, 'free', { users: 2, projects: 1 });
    await acme.join('Mia', 'member');
    await eventually(async () =>
      expect(await acme.owner.post('/users', person('Ned'))).toMatchObject({
        status: 403,
        error: {
          code: 'plan_limit_reached',
          message: 'The plan free allows 2 users, and 2 are in use.',
          details: [{ pointer: '', code: 'plan_limit', message: 'users: 2 of 2 (plan free)' }],
        },
      }),
    );
    const { id } = await acme.project('Apollo');
    expect(await acme.owner.post('/projects', { name: 'Gemini' })).toMatchObject({
      status: 403,
      error: { message: 'The plan free allows 1 projects, and 1 are in use.' },
    });
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    await acme.project('Gemini');
  });

  it('are never exceeded by 20 who create at once', async () => {
    await plans.subscribe(acme.slug, 'free', { users: 4, projects: 3, requestsPerMinute: null });
    await eventually(async () => expect((await subscriptionOn(two)).limits.users).toBe(4));
    await eventually(async () => expect((await subscriptionOn(one)).limits.users).toBe(4));
    const other = acme.owner.with({});
    Object.defineProperty(other, 'url', { value: two.url });
    const clients = [acme.owner, other];
    const people = await Promise.all(
      Array.from({ length: 20 }, (_, i) => clients[i % 2]!.post('/users', person(`P${i}`))),
    );
    expect(sorted(people).made).toBeLessThanOrEqual(3);
    const projects = await Promise.all(
      Array.from({ length: 20 }, (_, i) => clients[i % 2]!.post('/projects', { name: `P${i}` })),
    );
    expect(sorted(projects).made).toBeLessThanOrEqual(3);
    // Whoever waited too long may try again, and then it is full to the last place.
    while ((await acme.owner.post('/users', person('Late'))).status !== 403);
    while ((await acme.owner.post('/projects', { name: 'Late' })).status !== 403);
    expect((await subscriptionOn(one)).used).toMatchObject({ users: 4, projects: 3 });
  });

  it('count active people: who is deactivated makes room, and comes back only where there is some', async () => {
    await plans.subscribe(acme.slug, 'free', { users: 2 });
    const mia = await acme.join('Mia', 'member');
    await eventually(async () => expect((await acme.owner.post('/users', person('Ned'))).status).toBe(403));
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    const ned = expectStatus(await acme.owner.post('/users', person('Ned')), 201).data;
    expect(await acme.owner.patch(`/users/${mia.id}`, { active: true })).toMatchObject({
      status: 403,
      error: { code: 'plan_limit_reached' },
    });
    // Who is active stays so, also where it is full.
    expectStatus(await acme.owner.patch(`/users/${ned.id}`, { active: true, firstName: 'Edward' }), 200);
    expectStatus(await acme.owner.patch(`/users/${ned.id}`, { active: false }), 200);
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: true }), 200);
  });

  it('of storage refuse to add, not to read, to change or to make room', async () => {
    const { id: projectId } = await acme.project('Apollo');
    const task = await acme.task(projectId);
    const comment = expectStatus(await acme.owner.post(`/tasks/${task.id}/comments`, { body: 'Go' }), 201).data;
    await plans.subscribe(acme.slug, 'free', { storageBytes: 1_000 });
    await one.owner.query('UPDATE public.tenants SET storage_bytes = 1000 WHERE id = $1', [acme.id]);
    await one.nest.get(TenantsService).forget(await one.nest.get(TenantsService).get(acme.id));
    await eventually(async () =>
      expect(await acme.owner.post('/tasks', { projectId, title: 'More' })).toMatchObject({
        status: 403,
        error: {
          code: 'plan_limit_reached',
          message: 'The plan free allows 1000 bytes of storage, and 1000 are in use.',
        },
      }),
    );
    for (const [path, body] of [
      ['/projects', { name: 'More' }],
      ['/users', person('More')],
      [`/tasks/${task.id}/comments`, { body: 'More' }],
    ] as const)
      expect((await acme.owner.post(path, body)).error.code).toBe('plan_limit_reached');
    expectStatus(await acme.owner.get(`/tasks/${task.id}`), 200);
    expectStatus(await acme.owner.patch(`/tasks/${task.id}`, { title: 'Less' }), 200);
    expectStatus(await acme.owner.patch(`/comments/${comment.id}`, { body: 'G' }), 200);
    expectStatus(await acme.owner.delete(`/comments/${comment.id}`), 204);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expectStatus(await acme.owner.post('/tenants/current/exports'), 201);
  });

  it('of requests are those of the plan, and what was agreed on besides', async () => {
    const first = expectStatus(await acme.owner.get('/users/me'), 200);
    expect(first.headers.get('ratelimit-policy')).toBe('"tenant";q=1200;w=60');
    await plans.subscribe(acme.slug, 'free', { requestsPerMinute: 1 });
    await eventually(async () => {
      const refused = await acme.owner.get('/users/me');
      expect(refused).toMatchObject({ status: 429, error: { code: 'rate_limited' } });
      expect(refused.headers.get('ratelimit-policy')).toBe('"tenant";q=1;w=60');
    });
    await plans.subscribe(acme.slug, 'enterprise');
    await eventually(async () => {
      const free = expectStatus(await acme.owner.get('/users/me'), 200);
      expect(free.headers.get('ratelimit-policy')).toBeNull();
    });
  });
});

describe('an operator', () => {
  it('changes a plan, and everybody who has it is allowed so much, on every instance', async () => {
    for (const app of [one, two]) expect((await subscriptionOn(app)).limits.projects).toBe(10);
    expect(await plans.changePlan('free', { projects: 7 })).toMatchObject({
      key: 'free',
      limits: { projects: 7, users: 10 },
    });
    try {
      for (const app of [one, two])
        await eventually(async () => expect((await subscriptionOn(app)).limits.projects).toBe(7), 3_000);
      const known = await two.nest.get(TenantDirectory).findBySlug(acme.slug);
      expect(known!.limits).toEqual({ ...FREE, projects: 7 });
    } finally {
      await plans.changePlan('free', { projects: 10 });
    }
    await expect(plans.changePlan('gold', { users: 1 })).rejects.toMatchObject({ code: 'plan_not_found' });
    await expect(plans.changePlan('free', { users: -1 })).rejects.toMatchObject({ code: 'limit_refused' });
    await expect(plans.changePlan('free', { toString: 1 } as never)).rejects.toMatchObject({ code: 'limit_refused' });
  });

  it('puts a tenant on a plan, and what it had is its history, without gaps, also when two do it at once', async () => {
    const tenants = one.nest.get(TenantsService);
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => plans.subscribe(acme.slug, i % 2 ? 'pro' : 'enterprise', { users: i })),
    );
    const tenant = await tenants.getBySlug(acme.slug);
    const history = await plans.history(tenant);
    expect(history).toHaveLength(7);
    expect(history[0]).toMatchObject({ plan: tenant.plan, endedAt: null });
    expect(tenant.limits.users).toBe(history[0]!.limits.users);
    expect(history.at(-1)).toMatchObject({ plan: 'free', limits: {} });
    for (const [i, { endedAt }] of history.slice(1).entries()) expect(endedAt).toEqual(history[i]!.startedAt);
    await expect(plans.subscribe(acme.slug, 'gold')).rejects.toMatchObject({ code: 'plan_not_found' });
    await expect(plans.subscribe('nobody-here', 'pro')).rejects.toMatchObject({ code: 'tenant_not_found' });
    expect(await plans.history(tenant)).toHaveLength(7);
  });

  it('chooses the plan of sign-ups among those that there are, even one that allows a single person', async () => {
    const settings = one.nest.get(SystemSettingsService);
    await expect(settings.set('sign-up.plan', 'gold')).rejects.toMatchObject({
      code: 'setting_refused',
      message: 'sign-up.plan must be one of free, pro, enterprise.',
    });
    await expect(settings.set('toString', '1')).rejects.toMatchObject({ code: 'setting_unknown' });
    await settings.set('sign-up.plan', 'pro');
    await plans.changePlan('pro', { users: 1 });
    try {
      const alone = await signUp(one);
      const read = await alone.owner.get('/tenants/current/subscription');
      expect(read.data).toMatchObject({ plan: 'pro', limits: { users: 1 }, used: { users: 1 } });
      expect((await alone.owner.post('/users', person('Mia'))).error.code).toBe('plan_limit_reached');
      const admin = { ...person('A'), password: PASSWORD };
      await plans.changePlan('pro', { users: 0 });
      await eventually(async () => {
        const slug = `none-${randomBytes(3).toString('hex')}`;
        const refused = await new Client(one.url).post('/tenants', { name: 'None', slug, admin });
        expect(refused.error?.code).toBe('plan_limit_reached');
        expect((await new Client(one.url).get(`/tenants/availability?slug=${slug}`)).data.available).toBe(true);
      });
    } finally {
      await settings.set('sign-up.plan', 'free');
      await plans.changePlan('pro', { users: 200 });
    }
  });
});
