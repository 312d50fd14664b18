import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

// No worker: what is announced stays where it can be read.
let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp({ settings: { WORKER: 'false' } });
  acme = await signUp(app);
});
afterAll(() => app.stop());

const WEEK = mondayOf(addDays(new Date().toISOString().slice(0, 10), -7));

async function announced(): Promise<[string, object][]> {
  const sql = `SELECT name, payload FROM platform.outbox WHERE name LIKE 'time%' ORDER BY id`;
  const { rows } = await app.owner.query<{ name: string; payload: object }>(sql);
  return rows.map(({ name, payload }) => [name, payload]);
}

describe('what happens to time', () => {
  it('is announced once, with ids, and only when something happened', async () => {
    const { owner } = acme;
    const projectId = (await acme.project('Apollo')).id;
    const { id: taskId } = await acme.task(projectId);
    const [path, userId] = [`/tasks/${taskId}/time-entries`, owner.id];
    const timer = expectStatus(await owner.post(`${path}/start`, {}), 201).data.id;
    expectStatus(await owner.post(`/time-entries/${timer}/stop`, {}), 200);
    const entry = expectStatus(await owner.post(path, { date: WEEK, minutes: 5 }), 201).data.id;
    expectStatus(await owner.patch(`/time-entries/${entry}`, { minutes: 6 }), 200);
    expectStatus(await owner.patch(`/time-entries/${entry}`, { minutes: 6 }), 200);
    expectStatus(await owner.delete(`/time-entries/${entry}`), 204);
    const approval = `/users/${userId}/timesheets/${WEEK}/approval`;
    for (const status of [200, 200]) expectStatus(await owner.put(approval, {}), status);
    expect((await owner.post(path, { date: WEEK, minutes: 5 })).error.code).toBe('week_approved');
    for (const status of [204, 204]) expectStatus(await owner.delete(approval), status);
    const of = (entryId: string) => ({ entryId, taskId, projectId, userId });
    expect(await announced()).toEqual([
      ['time_entry.timer_started', of(timer)],
      ['time_entry.logged', of(timer)],
      ['time_entry.logged', of(entry)],
      ['time_entry.changed', of(entry)],
      ['time_entry.deleted', of(entry)],
      ['timesheet.week_approved', { userId, week: WEEK }],
      ['timesheet.week_reopened', { userId, week: WEEK }],
    ]);
  });
});
