import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let ada: Person;
let mary: Person;
let mia: Person;
let max: Person;
const projects = {} as Record<'apollo' | 'gemini', string>;
/** Three weeks that are over, so that time can be logged in them. */
const WEEK = mondayOf(addDays(new Date().toISOString().slice(0, 10), -28));
const RANGE = `from=${addDays(WEEK, 2)}&to=${addDays(WEEK, 15)}`;

beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [ada, mary, mia, max] = [
    await acme.join('Ada', 'admin'),
    await acme.join('Mary', 'manager'),
    await acme.join('Mia', 'member'),
    await acme.join('Max', 'member'),
  ];
  const { id: apollo } = await acme.project('Apollo', [
    [mary, 'manager'],
    [mia, 'member'],
    [max, 'member'],
  ]);
  const { id: gemini } = await acme.project('Gemini', [[mia, 'viewer']]);
  Object.assign(projects, { apollo, gemini });
  // Wednesday of the second week is a holiday, and Mia is away on Thursday and Friday of it.
  const holiday = { day: addDays(WEEK, 9), name: 'A day' };
  expectStatus(await acme.owner.post('/calendars/holidays', holiday), 201);
  const away = { kind: 'vacation', from: addDays(WEEK, 10), to: addDays(WEEK, 11) };
  expectStatus(await mia.post(`/users/${mia.id}/time-off`, away), 201);
  const plans: [string, object][] = [
    [apollo, { userId: mia.id, percent: 50, from: WEEK, to: addDays(WEEK, 20) }],
    [gemini, { userId: mia.id, hoursPerWeek: 25, from: addDays(WEEK, 7), to: addDays(WEEK, 13) }],
    [apollo, { userId: max.id, hoursPerWeek: 30, from: WEEK, to: addDays(WEEK, 20) }],
  ];
  for (const [project, body] of plans) expectStatus(await acme.owner.post(`/projects/${project}/resources`, body), 201);
  const logged: [string, Person, number, number][] = [
    [apollo, mia, 0, 480],
    [apollo, mia, 7, 240],
    [gemini, mia, 8, 120],
    [apollo, max, 14, 60],
  ];
  for (const [project, { id: userId }, day, minutes] of logged) {
    const task = await acme.task(project);
    const body = { date: addDays(WEEK, day), minutes, userId };
    expectStatus(await acme.owner.post(`/tasks/${task.id}/time-entries`, body), 201);
  }
});
afterAll(() => app.stop());

/** Ten hours from Monday to Friday. */
const LONG = { monday: 600, tuesday: 600, wednesday: 600, thursday: 600, friday: 600, saturday: 0, sunday: 0 };

const of = async (person: Client, path: string) => expectStatus(await person.get(path), 200).data;

describe('the utilization of somebody', () => {
  it('compares what is promised and logged with what they work, week by week', async () => {
    const data = await of(mia, `/users/${mia.id}/utilization?${RANGE}`);
    const share = (projectId: string | null, allocatedHours: number, loggedHours: number) => ({
      projectId,
      allocatedHours,
      loggedHours,
    });
    expect(data).toEqual({
      userId: mia.id,
      total: { capacityHours: 96, allocatedHours: 73, loggedHours: 14, allocated: 0.7604, logged: 0.1458 },
      weeks: [
        {
          week: WEEK,
          capacityHours: 40,
          allocatedHours: 20,
          loggedHours: 8,
          allocated: 0.5,
          logged: 0.2,
          projects: [share(projects.apollo, 20, 8)],
        },
        {
          week: addDays(WEEK, 7),
          capacityHours: 16,
          allocatedHours: 33,
          loggedHours: 6,
          allocated: 2.0625,
          logged: 0.375,
          projects: [share(projects.apollo, 8, 4), share(projects.gemini, 25, 2)].sort((a, b) =>
            a.projectId! < b.projectId! ? -1 : 1,
          ),
        },
        {
          week: addDays(WEEK, 14),
          capacityHours: 40,
          allocatedHours: 20,
          loggedHours: 0,
          allocated: 0.5,
          logged: 0,
          projects: [share(projects.apollo, 20, 0)],
        },
      ],
    });
  });

  it('is null where nothing is worked', async () => {
    const free = await acme.join('Fee', 'member');
    const minutes = { monday: 0, tuesday: 0, wednesday: 0, thursday: 0, friday: 0, saturday: 0, sunday: 0 };
    expectStatus(await free.put(`/users/${free.id}/calendar`, { from: '2020-01-01', minutes }), 200);
    const { total } = await of(free, `/users/${free.id}/utilization?${RANGE}`);
    expect(total).toEqual({ capacityHours: 0, allocatedHours: 0, loggedHours: 0, allocated: null, logged: null });
  });

  it('is told to themselves and to those who see all figures; what is not seen is one sum', async () => {
    const path = `/users/${mia.id}/utilization?${RANGE}`;
    expect(await of(ada, path)).toEqual(await of(mia, path));
    for (const person of [mary, max]) expect((await person.get(path)).error.code).toBe('permission_denied');
    expectStatus(await acme.owner.delete(`/projects/${projects.gemini}/members/${mia.id}`), 204);
    const hidden = await of(mia, path);
    expect(hidden.weeks[1].projects.at(-1)).toEqual({ projectId: null, allocatedHours: 25, loggedHours: 2 });
    expect(JSON.stringify(hidden)).not.toContain(projects.gemini);
    expectStatus(
      await acme.owner.post(`/projects/${projects.gemini}/members`, { userId: mia.id, role: 'viewer' }),
      201,
    );
    const stranger = (await signUp(app)).owner;
    expect((await stranger.get(path)).error.code).toBe('user_not_found');
    const wrong = [
      '',
      '?from=2026-01-01',
      `?${RANGE}&x=1`,
      '?from=2026-02-01&to=2026-01-01',
      '?from=2026-01-01&to=2027-01-07',
    ];
    for (const query of wrong)
      expect([query, (await mia.get(`/users/${mia.id}/utilization${query}`)).status]).toEqual([query, 400]);
  });
});

describe('the utilization of a project', () => {
  it('tells what the project takes of its people, and nothing of what they do elsewhere', async () => {
    const data = await of(mary, `/projects/${projects.apollo}/utilization?${RANGE}`);
    expect(data.map((each: any) => each.userId).sort()).toEqual([mia.id, max.id].sort());
    const [own] = data.filter((each: any) => each.userId === mia.id);
    expect(own.weeks[1]).toMatchObject({ capacityHours: 16, allocatedHours: 8, loggedHours: 4, allocated: 0.5 });
    expect(JSON.stringify(data)).not.toContain(projects.gemini);
    expect((await mary.get(`/projects/${projects.gemini}/utilization?${RANGE}`)).error.code).toBe('permission_denied');
    expect((await mia.get(`/projects/${projects.apollo}/utilization?${RANGE}`)).error.code).toBe('permission_denied');
  });
});

describe('the utilization of everybody', () => {
  it('is read page by page, by those who see all figures', async () => {
    const path = `/resources/utilization?${RANGE}`;
    const whole = await of(ada, path);
    expect(whole.map((each: any) => each.userId)).toEqual(
      expect.arrayContaining([acme.owner.id, ada.id, mary.id, mia.id, max.id]),
    );
    let page = expectStatus(await ada.get(`${path}&limit=2`), 200);
    const seen = [...page.data];
    while (page.meta.nextCursor) {
      page = expectStatus(await ada.get(`${path}&limit=2&after=${page.meta.nextCursor}`), 200);
      seen.push(...page.data);
    }
    expect(seen).toEqual(whole);
    const [mias] = whole.filter((each: any) => each.userId === mia.id);
    expect(mias).toEqual(await of(mia, `/users/${mia.id}/utilization?${RANGE}`));
    const first = expectStatus(await ada.get(`${path}&limit=2`), 200).meta.nextCursor;
    const other = await ada.get(`/resources/utilization?from=${WEEK}&to=${WEEK}&limit=2&after=${first}`);
    expect([other.status, other.error.code]).toEqual([400, 'invalid_cursor']);
    for (const person of [mary, mia]) expect((await person.get(path)).error.code).toBe('permission_denied');
  });
});

describe('over-allocations', () => {
  const path = `/resources/over-allocations?${RANGE}`;

  it('name the week, by how much, and what could be done with the numbers for it', async () => {
    const data = await of(ada, path);
    expect(data).toHaveLength(1);
    const [{ userId, weeks }] = data;
    expect([userId, weeks.length]).toEqual([mia.id, 1]);
    expect(weeks[0]).toMatchObject({
      week: addDays(WEEK, 7),
      capacityHours: 16,
      allocatedHours: 33,
      overHours: 17,
    });
    const kinds = weeks[0].remedies.map(({ kind, projectId, resolves }: any) => [kind, projectId, resolves]);
    // Of both projects is Olivia, of one Mary; Max has 2 of 32 hours left, which is too little.
    expect(kinds).toEqual([
      ['shift', projects.gemini, true],
      ['hand_over', projects.gemini, true],
      ['shift', projects.apollo, false],
      ['hand_over', projects.apollo, false],
      ['hand_over', projects.apollo, false],
    ]);
    expect(weeks[0].remedies.slice(0, 3)).toMatchObject([
      { hours: 17, toWeek: addDays(WEEK, 14), freeHours: 20 },
      { hours: 17, userId: acme.owner.id, freeHours: 32 },
      { hours: 8, toWeek: addDays(WEEK, 14), freeHours: 20 },
    ]);
    expectStatus(await acme.owner.put(`/users/${max.id}/calendar`, { from: '2020-01-01', minutes: LONG }), 200);
    const [{ weeks: again }] = await of(ada, path);
    expect(again[0].remedies).toContainEqual(
      expect.objectContaining({ kind: 'hand_over', userId: max.id, hours: 8, freeHours: 10, resolves: false }),
    );
  });

  it('are told of people in projects whose figures one sees, without the names of other projects', async () => {
    const data = await of(mary, path);
    expect(data.map((each: any) => each.userId)).toEqual([mia.id]);
    const [share] = data[0].weeks[0].projects.filter((each: any) => each.projectId !== projects.apollo);
    // She sees all projects; a manager of the project who does not is told of a sum.
    expect(share).toEqual({ projectId: projects.gemini, allocatedHours: 25 });
    const gina = await acme.join('Gina', 'guest');
    expectStatus(
      await acme.owner.post(`/projects/${projects.apollo}/members`, { userId: gina.id, role: 'manager' }),
      201,
    );
    // What a role in a project adds is known within a second.
    const told = await eventually(() => of(gina, path));
    expect(told[0].weeks[0].projects).toContainEqual({ projectId: null, allocatedHours: 25 });
    expect(told[0].weeks[0].remedies.map((each: any) => each.projectId)).not.toContain(projects.gemini);
    expect(JSON.stringify(told)).not.toContain(projects.gemini);
    expect((await max.get(path)).error.code).toBe('permission_denied');
    expect(await of((await signUp(app)).owner, path)).toEqual([]);
  });

  it('forget projects that were deleted or put away', async () => {
    expectStatus(await acme.owner.put(`/projects/${projects.gemini}/archive`), 200);
    expect(await of(ada, path)).toEqual([]);
    expectStatus(await acme.owner.delete(`/projects/${projects.gemini}/archive`), 200);
    expect(await of(ada, path)).toHaveLength(1);
    expectStatus(await acme.owner.delete(`/projects/${projects.gemini}`), 204);
    expect(await of(ada, path)).toEqual([]);
    // What was worked there stays worked, under no name.
    const { weeks } = await of(mia, `/users/${mia.id}/utilization?${RANGE}`);
    expect(weeks[1].projects.at(-1)).toEqual({ projectId: null, allocatedHours: 0, loggedHours: 2 });
  });
});
