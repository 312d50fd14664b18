import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let ada: Person;
let mary: Person;
let mia: Person;
let taskId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [ada, mary, mia] = [
    await acme.join('Ada', 'admin'),
    await acme.join('Mary', 'manager'),
    await acme.join('Mia', 'member'),
  ];
  const { id } = await acme.project('Apollo', [
    [mary, 'manager'],
    [mia, 'member'],
  ]);
  taskId = (await acme.task(id)).id;
});
afterAll(() => app.stop());

const THIS_WEEK = mondayOf(new Date().toISOString().slice(0, 10));
const weeksAgo = (count: number) => addDays(THIS_WEEK, -7 * count);
const approval = (person: { id: string }, week: string) => `/users/${person.id}/timesheets/${week}/approval`;
const log = (person: Client, date: string, minutes = 60) =>
  person.post(`/tasks/${taskId}/time-entries`, { date, minutes });
const sheet = async (week: string) =>
  expectStatus(await mia.get(`/users/${mia.id}/timesheets?from=${week}&to=${addDays(week, 6)}`), 200).data.weeks[0];

describe('a week of somebody', () => {
  it('is approved with what was counted, and keeps what was worked in it', async () => {
    const week = weeksAgo(3);
    const entry = expectStatus(await log(mia, addDays(week, 2)), 201).data;
    expectStatus(await log(mia, addDays(week, 6), 30), 201);
    const outside = expectStatus(await log(mia, addDays(week, 7), 15), 201).data;
    expect(await sheet(week)).toEqual({
      week,
      status: 'open',
      entries: 2,
      minutes: 90,
      roundedMinutes: 90,
      billableMinutes: 0,
      runningEntryId: null,
      approval: null,
    });
    const approved = expectStatus(await ada.put(approval(mia, week), { note: 'Thanks' }), 200).data;
    expect(approved).toMatchObject({
      week,
      status: 'approved',
      approval: { approvedBy: ada.id, note: 'Thanks', entries: 2, minutes: 90, roundedMinutes: 90 },
    });
    expect(await sheet(week)).toEqual(approved);
    expect(expectStatus(await ada.put(approval(mia, week), { note: 'Again' }), 200).data).toEqual(approved);
    const refused = [
      await log(mia, week),
      await ada.post(`/tasks/${taskId}/time-entries`, { date: week, minutes: 1, userId: mia.id }),
      await mia.patch(`/time-entries/${entry.id}`, { minutes: 1 }),
      await mia.patch(`/time-entries/${entry.id}`, { note: 'Late' }),
      await mia.patch(`/time-entries/${entry.id}`, { date: addDays(week, 8) }),
      await mia.patch(`/time-entries/${outside.id}`, { date: week }),
      await ada.delete(`/time-entries/${entry.id}`),
    ];
    expect(refused.map(({ status, error }) => [status, error?.code])).toEqual(
      refused.map(() => [409, 'week_approved']),
    );
    expectStatus(await mia.patch(`/time-entries/${outside.id}`, { minutes: 5 }), 200);
    expectStatus(await ada.delete(approval(mia, week)), 204);
    expectStatus(await ada.delete(approval(mia, week)), 204);
    expectStatus(await mia.patch(`/time-entries/${entry.id}`, { minutes: 1 }), 200);
    const actions = async (action: string) =>
      (await acme.owner.get(`/tenants/current/audit-log?action=${action}&targetId=${mia.id}`)).data;
    expect((await actions('timesheet.approved')).map((each: any) => each.after)).toEqual([
      { week, entries: 2, minutes: 90, roundedMinutes: 90 },
    ]);
    expect(await actions('timesheet.reopened')).toHaveLength(1);
  });

  it('is not approved while a timer of it runs, and starts none once it is', async () => {
    const start = () => mia.post(`/tasks/${taskId}/time-entries/start`, {});
    const { id } = expectStatus(await start(), 201).data;
    const busy = await ada.put(approval(mia, THIS_WEEK), {});
    expect([busy.status, busy.error.code]).toEqual([409, 'timer_running']);
    expect(busy.error.message).toContain(id);
    expect((await sheet(THIS_WEEK)).runningEntryId).toBe(id);
    expectStatus(await mia.post(`/time-entries/${id}/stop`, {}), 200);
    expectStatus(await ada.put(approval(mia, THIS_WEEK), {}), 200);
    expect((await start()).error.code).toBe('week_approved');
    expectStatus(await ada.delete(approval(mia, THIS_WEEK)), 204);
  });

  it('counts every entry that it has when it is approved while some are being written', async () => {
    for (let round = 0; round < 5; round++) {
      const week = weeksAgo(10 + round);
      const days = Array.from({ length: 8 }, (_, i) => addDays(week, i % 7));
      const [approved, ...written] = await Promise.all([
        ada.put(approval(mia, week), {}),
        ...days.map((day) => log(mia, day, 10)),
      ]);
      expectStatus(approved, 200);
      const kept = written.filter(({ status }) => status === 201);
      const codes = written.filter(({ status }) => status !== 201).map(({ error }) => error.code);
      expect(codes).toEqual(codes.map(() => 'week_approved'));
      const { entries, minutes, approval: counted } = await sheet(week);
      expect([entries, minutes]).toEqual([kept.length, kept.length * 10]);
      expect([counted.entries, counted.minutes]).toEqual([entries, minutes]);
    }
  });

  it('is approved by those who manage all time, not by oneself, but for owners', async () => {
    const week = weeksAgo(4);
    const tries: [string, Person, Person, number, string | undefined][] = [
      ['oneself', mia, mia, 403, 'permission_denied'],
      ['a manager of the project', mary, mia, 403, 'permission_denied'],
      ['an admin, of themselves', ada, ada, 403, 'own_week'],
      ['an owner, of themselves', acme.owner, acme.owner, 200, undefined],
      ['an owner, of an admin', acme.owner, ada, 200, undefined],
    ];
    for (const [who, actor, person, status, code] of tries) {
      for (const answer of [await actor.put(approval(person, week), {}), await actor.delete(approval(person, week))])
        expect([who, answer.status < 300 ? 200 : answer.status, answer.error?.code]).toEqual([who, status, code]);
    }
    const foreign = (await signUp(app)).owner;
    expect((await acme.owner.put(approval(foreign, week), {})).error.code).toBe('user_not_found');
    expect((await foreign.get(`/users/${mia.id}/timesheets?from=${week}&to=${week}`)).status).toBe(404);
  });

  it('is seen by oneself and those who manage all time', async () => {
    const path = `/users/${mia.id}/timesheets?from=${weeksAgo(2)}&to=${THIS_WEEK}`;
    for (const person of [mia, ada, acme.owner]) {
      const { data } = expectStatus(await person.get(path), 200);
      expect([data.userId, data.weeks.map((each: any) => each.week)]).toEqual([
        mia.id,
        [weeksAgo(2), weeksAgo(1), THIS_WEEK],
      ]);
    }
    expect((await mary.get(path)).error.code).toBe('permission_denied');
    for (const query of [
      '',
      `?from=${THIS_WEEK}`,
      '?from=2026-01-01&to=2027-01-08',
      `?from=${THIS_WEEK}&to=${THIS_WEEK}&x=1`,
    ])
      expect([query, (await mia.get(`/users/${mia.id}/timesheets${query}`)).status]).toEqual([query, 400]);
    for (const week of [addDays(THIS_WEEK, 1), '2026-W05', 'x']) {
      const { status, error } = await ada.put(approval(mia, week), {});
      expect([week, status, error.details[0]]).toEqual([
        week,
        400,
        expect.objectContaining({ pointer: ':week', code: 'week' }),
      ]);
    }
    const early = await ada.put(approval(mia, addDays(THIS_WEEK, 14)), {});
    expect([early.status, early.error.details[0]!.code]).toEqual([400, 'in_future']);
  });
});
