import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { PlannedProject } from '../scheduling/scheduling.ts';
import { leastUntil } from './hostile.ts';

/** Requests that once kept everybody waiting for seconds, beside plain ones of the same kind. */

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await startApp({ settings: { WORKER: 'false', MAIL_CATCH: 'true' } });
  tenant = await signUp(app);
});
afterAll(() => app.stop());

/** Milliseconds that a plain request is taken to cost at least. */
const FLOOR_MS = 10;

/** How many times as much of this thread's time the one takes as the other, at the least that was measured of each. */
async function timesAsMuch(
  attack: () => Promise<unknown>,
  plain: () => Promise<unknown>,
  most: number,
): Promise<number> {
  const times = ([one, other]: readonly number[]) => one! / Math.max(other!, FLOOR_MS);
  return times(await leastUntil([attack, plain], 10, (least) => times(least) <= most));
}

describe('a small request', () => {
  it('with a text of Markdown signs costs what other texts cost', async () => {
    const project = await tenant.project('Apollo');
    const { id } = await tenant.task(project.id);
    const comment = async (body: string) =>
      expectStatus(await tenant.owner.post(`/tasks/${id}/comments`, { body }), 201);
    const signs = ['@' + '*a_'.repeat(6_666), '@[a](b'.repeat(3_333), '@`<[('.repeat(3_999), ' @a@b.c-'.repeat(2_499)];
    for (const text of signs)
      expect(
        await timesAsMuch(
          () => comment(text),
          () => comment('a'.repeat(20_000)),
          3,
        ),
      ).toBeLessThanOrEqual(3);
  });

  it('with a long Authorization header costs what other refusals cost', async () => {
    const as = (authorization: string) => new Client(app.url, { authorization, 'x-tenant-domain': tenant.slug });
    const ask = async (header: string) => expectStatus(await as(header).get('/users/me'), 401);
    for (const header of ['a'.repeat(12_000), `Bearer ${'a'.repeat(12_000)}`, `Bearer ${'a b '.repeat(3_000)}`])
      expect(
        await timesAsMuch(
          () => ask(header),
          () => ask('Bearer none'),
          3,
        ),
      ).toBeLessThanOrEqual(3);
  });

  it('with a query string full of parameters or problems is refused in few words', async () => {
    const problems = [
      Array.from({ length: 2_000 }, (_, i) => `p${i}=`).join('&'),
      `sort=${'-a,'.repeat(3_000)}`,
      `filter=${encodeURIComponent(`{"or":[${Array(300).fill('{"x":1}').join()}]}`)}`,
      `title[in]=${Array(4_000).fill('a').join()}`,
    ];
    for (const query of problems) {
      const answer: Answer = await tenant.owner.get(`/tasks?${query}`);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body).length).toBeLessThanOrEqual(16_384);
      expect(answer.error.details.length).toBeLessThanOrEqual(20);
      const plain = () => tenant.owner.get('/tasks?nothing=1');
      expect(await timesAsMuch(() => tenant.owner.get(`/tasks?${query}`), plain, 5)).toBeLessThanOrEqual(5);
    }
  });
});

describe('a plan', () => {
  it('of tasks as long as they can be keeps nobody waiting', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, (_, i) => tenant.join(`P${i}`, 'member')));
    const members = people.map((each): [typeof each, 'member'] => [each, 'member']);
    const [long, short] = [
      await PlannedProject.make(tenant, {}, members),
      await PlannedProject.make(tenant, {}, members),
    ];
    for (const [i, { id }] of [...people, tenant.owner].entries()) {
      await long.task(`T${i}`, 99_999, { assigneeId: id });
      await short.task(`T${i}`, 8, { assigneeId: id });
    }
    // The first thousands of days are tried here, the rest is computed elsewhere.
    expect(
      await timesAsMuch(
        () => long.timeline(),
        () => short.timeline(),
        8,
      ),
    ).toBeLessThanOrEqual(8);
  });

  it('of somebody with as much time off as can be entered costs little more than without', async () => {
    const [pia, tom] = [await tenant.join('Pia', 'member'), await tenant.join('Tom', 'member')];
    const sql = await sqlOf(app, tenant);
    await sql(
      `INSERT INTO "@tenant".time_off (id, user_id, kind, first_day, last_day, minutes_per_day)
       SELECT gen_random_uuid(), $1, 'other', date '2035-01-01' + i % 40, date '2045-01-01' - i % 60, 1 FROM generate_series(1, 999) i`,
      pia.id,
    );
    const entry = { kind: 'sick', from: '2035-02-01', to: '2035-02-02' };
    expectStatus(await tenant.owner.post(`/users/${pia.id}/time-off`, entry), 201);
    const full = expectStatus(await tenant.owner.post(`/users/${pia.id}/time-off`, entry), 409);
    expect(full.error.code).toBe('time_off_full');
    const projects = [];
    for (const each of [pia, tom]) {
      const project = await PlannedProject.make(tenant, {}, [[each, 'member']]);
      await project.task('A', 2_000, { assigneeId: each.id });
      projects.push(project);
    }
    const [busy, free] = projects as [PlannedProject, PlannedProject];
    expect(
      await timesAsMuch(
        () => busy.timeline(),
        () => free.timeline(),
        4,
      ),
    ).toBeLessThanOrEqual(4);
  });
});
