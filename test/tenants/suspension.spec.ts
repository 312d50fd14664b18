import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineJob } from '../../src/platform/jobs/job.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { Performs } from '../../src/platform/jobs/performs.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const greet = defineJob<{ whom: string }, string>({ name: 'greet', attempts: 1 });

class GreetingJobs {
  static readonly greeted: string[] = [];

  @Performs(greet)
  async greet({ whom }: { whom: string }): Promise<string> {
    GreetingJobs.greeted.push(whom);
    return whom;
  }
}

/** The one serves requests, the other one does the work; nothing but the database is between them. */
let one: TestApp;
let two: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  one = await startApp({ settings: { WORKER: 'false' } });
  two = await startApp({ database: one.database, providers: [GreetingJobs] });
});
beforeEach(async () => {
  acme = await signUp(one);
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

const tenants = () => one.nest.get(TenantsService);

/** What it says there to a reader, a visitor, a login and a refresh. */
async function answersOf(app: TestApp): Promise<Answer[]> {
  const visitor = new Client(app.url, { 'x-tenant-domain': acme.slug });
  return Promise.all([
    visitor.as(acme.owner.accessToken).get('/users/me'),
    new Client(app.url).as(acme.owner.accessToken).get('/users/me'),
    visitor.get('/tenants/current'),
    visitor.post('/auth/login', { email: acme.owner.email, password: 'x' }),
    new Client(app.url).post('/auth/refresh', { refreshToken: acme.owner.refreshToken }),
  ]);
}

async function expectSuspended(app: TestApp): Promise<void> {
  for (const answer of await answersOf(app))
    expect(answer).toMatchObject({ status: 403, error: { code: 'tenant_suspended' } });
}

const schemaOf = async () =>
  (await one.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [acme.id])).rows[0].schema_name;

describe('a suspended organisation', () => {
  it('is refused by an instance that knew it, and served again when it is resumed', async () => {
    expectStatus((await answersOf(two))[0]!, 200);
    await tenants().suspend(acme.slug);
    await tenants().suspend(acme.slug);
    await eventually(() => expectSuspended(two));
    await expectSuspended(one);
    await tenants().resume(acme.slug);
    await eventually(async () => expectStatus((await answersOf(two))[0]!, 200));
    await expect(tenants().resume('nobody-here')).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it('is refused although the news of it were lost', async () => {
    expectStatus((await answersOf(two))[0]!, 200);
    // Nobody listens at the moment at which it is told.
    await one.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'projectflow listen' AND datname = current_database()`,
    );
    await tenants().suspend(acme.slug);
    await eventually(() => expectSuspended(two));
    await tenants().resume(acme.slug);
    await eventually(async () => expectStatus((await answersOf(two))[0]!, 200));
  });

  it('has its jobs kept until it is resumed, which costs them no attempt', async () => {
    const jobs = one.nest.get(Jobs);
    const neighbour = await signUp(one);
    await tenants().suspend(acme.slug);
    const id = await jobs.send(greet, { whom: 'Mia' }, { tenantId: acme.id });
    const started = () =>
      one.owner.query(`SELECT start_after > created_on AS postponed FROM jobs.job WHERE id = $1`, [id]);
    await eventually(async () => expect((await started()).rows).toEqual([{ postponed: true }]));
    // A later one is done: it was not that nobody works.
    const other = await jobs.send(greet, { whom: 'Ned' }, { tenantId: neighbour.id });
    await eventually(async () => expect((await jobs.find(other, neighbour.id))!.state).toBe('done'));
    expect(GreetingJobs.greeted).toEqual(['Ned']);
    expect(await jobs.find(id, acme.id)).toMatchObject({ state: 'queued', attempts: 0, error: null });
    await tenants().resume(acme.slug);
    await one.owner.query('UPDATE jobs.job SET start_after = now() WHERE id = $1', [id]);
    await eventually(async () =>
      expect(await jobs.find(id, acme.id)).toMatchObject({ state: 'done', attempts: 1, result: 'Mia' }),
    );
  });

  it('has its events kept until it is resumed, which costs them no attempt', async () => {
    const project = await acme.project('Apollo');
    const path = `/projects/${project.id}/milestones`;
    const milestone = expectStatus(await acme.owner.post(path, { name: 'Orbit' }), 201).data;
    await acme.task(project.id, { milestoneId: milestone.id });
    const outbox = async () =>
      (
        await one.owner.query(
          'SELECT name, attempts, next_attempt_at > occurred_at AS postponed FROM platform.outbox WHERE tenant_schema = $1',
          [await schemaOf()],
        )
      ).rows;
    await eventually(async () => expect(await outbox()).toEqual([]));
    await tenants().suspend(acme.slug);
    // As if the request that deleted the milestone had been the last before it was suspended.
    await one.owner.query(
      `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id) VALUES ($1, 'milestone.deleted', $2, 'r')`,
      [await schemaOf(), { milestoneId: milestone.id, projectId: project.id }],
    );
    const kept = { name: 'milestone.deleted', attempts: 0, postponed: true };
    await eventually(async () => expect(await outbox()).toEqual([kept]));
    const left = async () =>
      (await one.owner.query(`SELECT id FROM "${await schemaOf()}".tasks WHERE milestone_id IS NOT NULL`)).rows.length;
    expect(await left()).toBe(1);
    await tenants().resume(acme.slug);
    await one.owner.query('UPDATE platform.outbox SET next_attempt_at = now()');
    await eventually(async () => expect(await left()).toBe(0));
    await eventually(async () => expect(await outbox()).toEqual([]));
  });
});
