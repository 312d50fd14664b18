import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

describe('the metrics of a project', () => {
  it('agree with a count by hand', async () => {
    const { id } = await acme.project('Counted');
    await acme.task(id, { status: 'todo', dueDate: day(-2), estimatedHours: 1.5 });
    await acme.task(id, { status: 'in_progress', dueDate: day(-1), estimatedHours: 2.25, assigneeId: acme.owner.id });
    const worked = await acme.task(id, { status: 'in_review', dueDate: day(0), estimatedHours: 4 });
    expectStatus(await acme.owner.post(`/tasks/${worked.id}/time-entries`, { date: day(-1), minutes: 90 }), 201);
    await acme.task(id, { status: 'done', dueDate: day(-9), estimatedHours: 8.1 });
    await acme.task(id, { status: 'cancelled', dueDate: day(-9), estimatedHours: 100 });
    const deleted = await acme.task(id, { dueDate: day(-3), estimatedHours: 50 });
    expectStatus(await acme.owner.delete(`/tasks/${deleted.id}`), 204);
    await acme.task((await acme.project('Other')).id, { dueDate: day(-3) });
    const expected = {
      projectId: id,
      asOf: day(0),
      tasks: {
        total: 5,
        byStatus: { todo: 1, in_progress: 1, in_review: 1, done: 1, cancelled: 1 },
        open: 3,
        done: 1,
        cancelled: 1,
        overdue: 2,
        unassigned: 2,
      },
      completion: 0.25,
      hours: { estimated: 15.85, completed: 8.1, remaining: 7.75, logged: 1.5 },
    };
    expect(expectStatus(await acme.owner.get(`/analytics/projects/${id}/metrics`), 200).data).toEqual(expected);
    expect(expectStatus(await acme.owner.get(`/projects/${id}/metrics`), 200).data).toEqual(expected);
  });

  it('of an empty project are zero, with no completion', async () => {
    const { id } = await acme.project('Empty');
    const { data } = expectStatus(await acme.owner.get(`/analytics/projects/${id}/metrics`), 200);
    expect(data).toMatchObject({
      completion: null,
      tasks: { total: 0, overdue: 0, byStatus: { todo: 0 } },
      hours: { estimated: 0, completed: 0, remaining: 0 },
    });
  });
});
