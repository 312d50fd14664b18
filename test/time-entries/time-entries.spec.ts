import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let mary: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [mia, mary] = [await acme.join('Mia', 'member'), await acme.join('Mary', 'manager')];
  projectId = (
    await acme.project('Apollo', [
      [mia, 'member'],
      [mary, 'manager'],
    ])
  ).id;
});
afterAll(() => app.stop());

const TODAY = new Date().toISOString().slice(0, 10);
const YESTERDAY = addDays(TODAY, -1);

const log = (person: Client, taskId: string, body: object) => person.post(`/tasks/${taskId}/time-entries`, body);
const hoursOf = async (taskId: string) => (await acme.owner.get(`/tasks/${taskId}`)).data.actualHours;

describe('a time entry', () => {
  it('is written down by the day or by the clock', async () => {
    const task = await acme.task(projectId);
    const byDay = expectStatus(await log(mia, task.id, { date: YESTERDAY, hours: 2.5, note: 'Hull' }), 201);
    expect(byDay.headers.get('location')).toBe(`/api/v1/time-entries/${byDay.data.id}`);
    expect(byDay.data).toMatchObject({
      taskId: task.id,
      projectId,
      userId: mia.id,
      date: YESTERDAY,
      startedAt: null,
      endedAt: null,
      running: false,
      minutes: 150,
      roundedMinutes: 150,
      note: 'Hull',
      billable: false,
      source: 'manual',
      overlapping: false,
      version: 1,
    });
    const times = { startedAt: `${YESTERDAY}T08:00:00.000Z`, endedAt: `${YESTERDAY}T09:20:00.000Z` };
    const timed = expectStatus(await log(mia, task.id, { ...times, billable: true }), 201).data;
    expect(timed).toMatchObject({ ...times, date: YESTERDAY, minutes: 80, billable: true });
    expect((await mia.get(`/time-entries/${timed.id}`)).data).toEqual(timed);
    expect(await hoursOf(task.id)).toBe(3.83);
    const found = async (query: string) => (await mia.get(`/tasks/${task.id}/time-entries?${query}`)).data;
    expect(await found('note[contains]=hull&minutes=150')).toEqual([byDay.data]);
    expect(await found('note[neq]=Hull&minutes[lt]=150')).toEqual([timed]);
  });

  it('counts for the day where its person is', async () => {
    const zoe = await acme.join('Zoe', 'member');
    expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: zoe.id }), 201);
    expectStatus(await zoe.patch('/users/me', { timeZone: 'Pacific/Auckland' }), 200);
    const day = addDays(TODAY, -10);
    const times = { startedAt: `${day}T20:00:00Z`, endedAt: `${day}T21:00:00Z` };
    expect(expectStatus(await log(zoe, (await acme.task(projectId)).id, times), 201).data.date).toBe(addDays(day, 1));
  });

  it('is refused where it cannot have been', async () => {
    const task = await acme.task(projectId);
    const start = `${YESTERDAY}T10:00:00Z`;
    const wrong: [object, string, string][] = [
      [{}, '/date', 'required'],
      [{ date: YESTERDAY }, '/date', 'required'],
      [{ date: addDays(TODAY, 2), minutes: 5 }, '/date', 'in_future'],
      [{ date: YESTERDAY, minutes: 0 }, '/minutes', 'whole'],
      [{ date: YESTERDAY, minutes: 1_441 }, '/minutes', 'whole'],
      [{ date: YESTERDAY, hours: 24.5 }, '/hours', 'amount'],
      [{ date: YESTERDAY, hours: 1, minutes: 60 }, '/date', 'exclusive'],
      [{ date: YESTERDAY, hours: 1, startedAt: start }, '/date', 'exclusive'],
      [{ startedAt: start, endedAt: start }, '/endedAt', 'before_start'],
      [{ startedAt: `${addDays(TODAY, -2)}T09:59:00Z`, endedAt: start }, '/endedAt', 'too_long'],
      [{ startedAt: start, endedAt: new Date(Date.now() + 60_000).toISOString() }, '/endedAt', 'in_future'],
      [{ date: YESTERDAY, minutes: 5, source: 'timer' }, '/source', 'unknown_field'],
    ];
    for (const [body, pointer, code] of wrong) {
      const { status, error } = await log(mia, task.id, body);
      expect([body, status, error?.details[0]]).toEqual([body, 400, expect.objectContaining({ pointer, code })]);
    }
    expect(await hoursOf(task.id)).toBe(0);
  });

  it('that overlaps another one of its person says so, until one of them is corrected', async () => {
    const task = await acme.task(projectId);
    const day = addDays(TODAY, -20);
    const at = (from: string, to: string) => ({ startedAt: `${day}T${from}:00.000Z`, endedAt: `${day}T${to}:00.000Z` });
    const first = expectStatus(await log(mia, task.id, at('08:00', '10:00')), 201).data;
    const second = expectStatus(await log(mia, task.id, at('09:00', '11:00')), 201).data;
    expectStatus(await log(mary, task.id, at('09:00', '11:00')), 201);
    expectStatus(await log(mia, task.id, { date: day, minutes: 60 }), 201);
    const flags = async () =>
      (await mia.get(`/tasks/${task.id}/time-entries?sort=startedAt`)).data.map((each: any) => each.overlapping);
    expect([first.overlapping, second.overlapping, await flags()]).toEqual([false, true, [false, true, true]]);
    expectStatus(await mia.patch(`/time-entries/${second.id}`, at('10:00', '11:00')), 200);
    expect(await flags()).toEqual([false, false, false]);
  });

  it('is corrected and deleted with its history, and the task keeps the sum', async () => {
    const task = await acme.task(projectId);
    const { id } = expectStatus(await log(mia, task.id, { date: YESTERDAY, minutes: 60 }), 201).data;
    const change = { minutes: 90, note: 'More', billable: true };
    const changed = expectStatus(await mia.patch(`/time-entries/${id}`, change, { 'if-match': '"1"' }), 200).data;
    expect(changed).toMatchObject({ ...change, version: 2 });
    expect(expectStatus(await mia.patch(`/time-entries/${id}`, change), 200).data).toEqual(changed);
    const stale = await mia.patch(`/time-entries/${id}`, { minutes: 1 }, { 'if-match': '"1"' });
    expect([stale.status, stale.error.code]).toEqual([412, 'version_mismatch']);
    expect(await hoursOf(task.id)).toBe(1.5);
    expectStatus(await mary.delete(`/time-entries/${id}`, { 'if-match': '"2"' }), 204);
    expect(await hoursOf(task.id)).toBe(0);
    expect((await mia.get(`/time-entries/${id}`)).error.code).toBe('time_entry_not_found');
    const { data } = expectStatus(await mia.get(`/time-entries/${id}/history`), 200);
    const told = data.map(({ field, oldValue, newValue, actorId }: any) => [field, oldValue, newValue, actorId]);
    expect(told[0]).toEqual(['created', null, true, mia.id]);
    expect(told.at(-1)).toEqual(['deleted', false, true, mary.id]);
    expect(told.slice(1, -1).sort()).toEqual([
      ['billable', false, true, mia.id],
      ['minutes', 60, 90, mia.id],
      ['note', null, 'More', mia.id],
      ['roundedMinutes', 60, 90, mia.id],
    ]);
  });

  it('of somebody else is written, seen and corrected by those who manage time in the project alone', async () => {
    const [task, outsider] = [await acme.task(projectId), await acme.join('Otto', 'manager')];
    const body = { date: YESTERDAY, minutes: 30 };
    expect((await log(mia, task.id, { ...body, userId: mary.id })).error.code).toBe('permission_denied');
    const notThere = await log(mary, task.id, { ...body, userId: outsider.id });
    expect(notThere.error.details[0]).toMatchObject({ pointer: '/userId', code: 'not_a_member' });
    const entry = expectStatus(await log(mary, task.id, { ...body, userId: mia.id }), 201).data;
    expect(entry.userId).toBe(mia.id);
    expect((await mia.get(`/time-entries/${entry.id}/history`)).data[0].actorId).toBe(mary.id);
    const own = expectStatus(await log(mary, task.id, body), 201).data;
    for (const call of [
      () => mia.get(`/time-entries/${own.id}`),
      () => mia.patch(`/time-entries/${own.id}`, { minutes: 1 }),
      () => mia.delete(`/time-entries/${own.id}`),
      () => mia.get(`/time-entries/${own.id}/history`),
      () => outsider.get(`/time-entries/${entry.id}`),
      () => outsider.patch(`/time-entries/${entry.id}`, { minutes: 1 }),
    ])
      expect([(await call()).status, (await call()).error.code]).toEqual([404, 'time_entry_not_found']);
    const idsFor = async (person: Person, path: string) =>
      expectStatus(await person.get(path), 200).data.map((each: any) => each.id);
    expect(await idsFor(mary, `/tasks/${task.id}/time-entries?sort=createdAt`)).toEqual([entry.id, own.id]);
    expect(await idsFor(mia, `/tasks/${task.id}/time-entries`)).toEqual([entry.id]);
    expect(await idsFor(mia, `/time-entries?taskId=${task.id}`)).toEqual([entry.id]);
    expect(await idsFor(outsider, `/time-entries?taskId=${task.id}`)).toEqual([]);
    expect((await outsider.get(`/tasks/${task.id}/time-entries`)).status).toBe(404);
    expectStatus(await mary.patch(`/time-entries/${entry.id}`, { minutes: 45 }), 200);
    expect(await hoursOf(task.id)).toBe(1.25);
  });

  it('stays when its task is deleted, and counts', async () => {
    const task = await acme.task(projectId);
    const { id } = expectStatus(await log(mia, task.id, { date: YESTERDAY, minutes: 60 }), 201).data;
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expectStatus(await mia.get(`/time-entries/${id}`), 200);
    expect((await log(mia, task.id, { date: YESTERDAY, minutes: 60 })).error.code).toBe('task_not_found');
    const totals = async () => (await mia.get(`/time-entries/totals?taskId=${task.id}`)).data.totals;
    expect(await totals()).toEqual([{ entries: 1, hours: 1, roundedHours: 1, billableHours: 0 }]);
    expectStatus(await mia.patch(`/time-entries/${id}`, { minutes: 30, billable: true }), 200);
    expect(await totals()).toEqual([{ entries: 1, hours: 0.5, roundedHours: 0.5, billableHours: 0.5 }]);
  });

  it('loses nothing of the sum when many are written at once', async () => {
    const task = await acme.task(projectId);
    const bodies = Array.from({ length: 20 }, (_, i) => ({ date: addDays(YESTERDAY, -i), minutes: 15 }));
    const answers = await Promise.all(bodies.map((body, i) => log(i % 2 ? mia : mary, task.id, body)));
    for (const answer of answers) expectStatus(answer, 201);
    expect(await hoursOf(task.id)).toBe(5);
    const deletions = answers.slice(0, 10).map(({ data }) => mary.delete(`/time-entries/${data.id}`));
    const additions = bodies.slice(0, 4).map((body) => log(mia, task.id, body));
    for (const { status } of await Promise.all([...deletions, ...additions])) expect([201, 204]).toContain(status);
    expect(await hoursOf(task.id)).toBe(3.5);
  });
});

describe('the rules of a project', () => {
  it('round what is written from then on, and leave what was worked', async () => {
    const { id } = await acme.project('Rounded', [[mia, 'member']]);
    const path = `/projects/${id}/time-rules`;
    expect(expectStatus(await mia.get(path), 200).data).toEqual({ roundTo: 0, mode: 'nearest' });
    const task = await acme.task(id);
    const before = expectStatus(await log(mia, task.id, { date: YESTERDAY, minutes: 7 }), 201).data;
    expect((await mia.put(path, { roundTo: 15, mode: 'up' })).error.code).toBe('permission_denied');
    const rules = { roundTo: 15, mode: 'up' };
    expect(expectStatus(await acme.owner.put(path, rules), 200).data).toEqual(rules);
    expect((await mia.get(path)).data).toEqual(rules);
    const after = expectStatus(await log(mia, task.id, { date: YESTERDAY, minutes: 16 }), 201).data;
    expect([before.roundedMinutes, after.minutes, after.roundedMinutes]).toEqual([7, 16, 30]);
    expect((await mia.get(`/time-entries/${before.id}`)).data.roundedMinutes).toBe(7);
    expect(expectStatus(await mia.patch(`/time-entries/${before.id}`, { note: 'x' }), 200).data.roundedMinutes).toBe(7);
    expect(expectStatus(await mia.patch(`/time-entries/${before.id}`, { minutes: 8 }), 200).data.roundedMinutes).toBe(
      15,
    );
    expect(await hoursOf(task.id)).toBe(0.75);
    for (const body of [{ roundTo: 7, mode: 'up' }, { roundTo: 15, mode: 'away' }, { roundTo: 15 }])
      expect((await acme.owner.put(path, body)).status).toBe(400);
    const { data } = expectStatus(await acme.owner.get('/tenants/current/audit-log?action=time_rules.changed'), 200);
    expect(data[0]).toMatchObject({ targetId: id, before: { roundTo: 0, mode: 'nearest' }, after: rules });
  });
});

describe('totals', () => {
  let globex: TestTenant;
  let ada: Person;
  let max: Person;
  const week = mondayOf(addDays(TODAY, -14));
  const projects: { id: string; task: string }[] = [];
  beforeAll(async () => {
    globex = await signUp(app);
    [ada, max] = [await globex.join('Ada', 'admin'), await globex.join('Max', 'member')];
    for (const name of ['One', 'Two']) {
      const { id } = await globex.project(name, [[max, 'member']]);
      projects.push({ id, task: (await globex.task(id)).id });
    }
    expectStatus(await globex.owner.put(`/projects/${projects[1]!.id}/time-rules`, { roundTo: 60, mode: 'up' }), 200);
    const entries: [Person, number, string, number, boolean][] = [
      [max, 0, week, 60, true],
      [max, 0, addDays(week, 6), 30, false],
      [max, 0, addDays(week, 7), 15, true],
      [max, 1, week, 20, true],
      [ada, 0, week, 45, false],
    ];
    for (const [person, project, date, minutes, billable] of entries)
      expectStatus(await log(person, projects[project]!.task, { date, minutes, billable }), 201);
    expectStatus(await max.post(`/tasks/${projects[0]!.task}/time-entries/start`, {}), 201);
  });

  const totals = async (person: Person, query: string) =>
    expectStatus(await person.get(`/time-entries/totals?${query}`), 200).data.totals;

  it('add up what was worked, rounded and billable, over what is asked for', async () => {
    const all = { entries: 5, hours: 2.83, roundedHours: 3.5, billableHours: 2.25 };
    expect(await totals(ada, '')).toEqual([all]);
    expect(await totals(ada, 'groupBy=project')).toEqual(
      [
        { projectId: projects[0]!.id, entries: 4, hours: 2.5, roundedHours: 2.5, billableHours: 1.25 },
        { projectId: projects[1]!.id, entries: 1, hours: 0.33, roundedHours: 1, billableHours: 1 },
      ].sort((a, b) => (a.projectId < b.projectId ? -1 : 1)),
    );
    const weeks = await totals(ada, `groupBy=week,user&projectId=${projects[0]!.id}&userId=${max.id}`);
    expect(weeks).toEqual([
      { week, userId: max.id, entries: 2, hours: 1.5, roundedHours: 1.5, billableHours: 1 },
      { week: addDays(week, 7), userId: max.id, entries: 1, hours: 0.25, roundedHours: 0.25, billableHours: 0.25 },
    ]);
    expect(await totals(ada, `from=${addDays(week, 6)}&to=${addDays(week, 7)}&billable=false`)).toEqual([
      { entries: 1, hours: 0.5, roundedHours: 0.5, billableHours: 0 },
    ]);
    expect(await totals(ada, `groupBy=task&taskId=${projects[1]!.task}`)).toHaveLength(1);
    expect(await totals(ada, `groupBy=task&from=${addDays(TODAY, 1)}`)).toEqual([]);
  });

  it('count nothing that may not be seen', async () => {
    expect((await totals(max, ''))[0].entries).toBe(4);
    expect(await totals(max, `userId=${ada.id}`)).toEqual([
      { entries: 0, hours: 0, roundedHours: 0, billableHours: 0 },
    ]);
    expect((await totals(acme.owner, `projectId=${projects[0]!.id}`))[0].entries).toBe(0);
  });

  it('refuse what they do not know', async () => {
    for (const query of [
      'groupBy=colour',
      'groupBy=task,task',
      'userId=x',
      'billable=1',
      'from=x',
      'limit=1',
      'userId[in]=x',
    ])
      expect([query, (await ada.get(`/time-entries/totals?${query}`)).status]).toEqual([query, 400]);
  });

  it('and lists are found by person, project, date, source and state', async () => {
    const count = async (query: string) =>
      expectStatus(await ada.get(`/time-entries?count=true&limit=1&${query}`), 200).meta.total;
    expect(await count('')).toBe(6);
    expect(await count(`userId=${max.id}`)).toBe(5);
    expect((await max.get('/time-entries?count=true&userId=me')).meta.total).toBe(5);
    expect(await count(`projectId=${projects[1]!.id}`)).toBe(1);
    expect(await count(`date[gte]=${week}&date[lt]=${addDays(week, 7)}`)).toBe(4);
    expect(await count('source=timer&running=true')).toBe(1);
    expect(await count('billable=true')).toBe(3);
    expect(await count('minutes=null')).toBe(1);
    expect(await count('minutes[gte]=30')).toBe(3);
    expect(await count('note=null')).toBe(6);
    let page = expectStatus(await ada.get('/time-entries?limit=2'), 200);
    const seen = [...page.data];
    while (page.meta.nextCursor)
      seen.push(...(page = await ada.get(`/time-entries?limit=2&after=${page.meta.nextCursor}`)).data);
    expect(seen).toEqual((await ada.get('/time-entries')).data);
    expect(seen.map((each) => each.date)).toEqual(
      seen
        .map((each) => each.date)
        .sort()
        .reverse(),
    );
  });
});
