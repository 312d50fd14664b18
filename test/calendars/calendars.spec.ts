import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let ada: Person;
let mia: Person;
let vera: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [ada, mia, vera] = [
    await acme.join('Ada', 'admin'),
    await acme.join('Mia', 'member'),
    await acme.join('Vera', 'viewer'),
  ];
});
afterAll(() => app.stop());

const week = (...minutes: number[]) => {
  const [monday, tuesday, wednesday, thursday, friday, saturday = 0, sunday = 0] = minutes;
  return { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
};
const PART_TIME = week(360, 360, 360, 0, 0);
const LONG = week(540, 540, 540, 540, 240);

/** Minutes of work of the days of a week that begins on Monday, 1 June 2026. */
async function minutesOf(client: Client, id: string, range = 'from=2026-06-01&to=2026-06-07'): Promise<number[]> {
  const { data } = expectStatus(await client.get(`/users/${id}/working-time?${range}`), 200);
  return data.days.map((day: any) => day.minutes);
}

describe('a calendar', () => {
  it('is the standard week until somebody says something', async () => {
    const { data } = expectStatus(await mia.get(`/users/${mia.id}/calendar`), 200);
    expect(data).toEqual({
      userId: mia.id,
      today: { source: 'standard', from: null, minutes: week(480, 480, 480, 480, 480), timeZone: 'UTC' },
      periods: [],
    });
    expect(await minutesOf(mia, mia.id)).toEqual([480, 480, 480, 480, 480, 0, 0]);
  });

  it('follows the organisation, and a person’s own from its day on, with the past as it was', async () => {
    const globex = await signUp(app);
    const max = await globex.join('Max', 'member');
    const standard = { from: '2020-01-01', minutes: LONG, timeZone: 'Europe/Paris' };
    const { data } = expectStatus(await globex.owner.put('/calendars/default', standard), 200);
    expect(data).toEqual({ userId: null, today: { source: 'organisation', ...standard }, periods: [standard] });
    expect(await minutesOf(max, max.id)).toEqual([540, 540, 540, 540, 240, 0, 0]);
    expectStatus(await max.put(`/users/${max.id}/calendar`, { from: '2026-06-03', minutes: PART_TIME }), 200);
    expect(await minutesOf(max, max.id)).toEqual([540, 540, 360, 0, 0, 0, 0]);
    // The same day again replaces; no minutes mean the organisation's.
    const back = { from: '2026-06-05', minutes: null, timeZone: 'Asia/Tokyo' };
    expectStatus(await max.put(`/users/${max.id}/calendar`, { from: '2026-06-05', minutes: PART_TIME }), 200);
    const after = expectStatus(await max.put(`/users/${max.id}/calendar`, back), 200).data;
    expect(after.periods).toEqual([{ from: '2026-06-03', minutes: PART_TIME, timeZone: null }, back]);
    expect(await minutesOf(max, max.id)).toEqual([540, 540, 360, 0, 240, 0, 0]);
    expect(after.today).toMatchObject({ source: 'organisation', timeZone: 'Asia/Tokyo' });
  });

  it('has the time zone of the person where it says none', async () => {
    const zoe = await acme.join('Zoe', 'member');
    expectStatus(await zoe.patch('/users/me', { timeZone: 'America/Lima' }), 200);
    expect((await zoe.get(`/users/${zoe.id}/calendar`)).data.today.timeZone).toBe('America/Lima');
  });

  it('is read by those who see people, and changed by oneself and those who change people', async () => {
    const body = { from: '2030-01-01', minutes: PART_TIME };
    const tries: [string, Client, string, number, number][] = [
      ['oneself, who sees nobody', vera, vera.id, 200, 200],
      ['a viewer', vera, mia.id, 403, 403],
      ['a member', mia, vera.id, 200, 403],
      ['an admin', ada, mia.id, 200, 200],
      ['an admin, of an owner', ada, acme.owner.id, 200, 403],
      ['nobody there', ada, newId(), 404, 404],
      ['somebody of another organisation', (await signUp(app)).owner, mia.id, 404, 404],
    ];
    for (const [who, client, id, read, changed] of tries) {
      expect([who, (await client.get(`/users/${id}/calendar`)).status]).toEqual([who, read]);
      expect([who, (await client.get(`/users/${id}/working-time?from=2026-06-01&to=2026-06-01`)).status]).toEqual([
        who,
        read,
      ]);
      expect([who, (await client.put(`/users/${id}/calendar`, body)).status]).toEqual([who, changed]);
    }
    expect((await ada.put('/calendars/default', body)).status).toBe(403);
    expectStatus(await vera.get('/calendars/default'), 200);
  });

  it('refuses what is no week, and questions without an end', async () => {
    const wrong: [object, string][] = [
      [{ from: '2026-02-30', minutes: PART_TIME }, '/from'],
      [{ from: '2026-02-01', minutes: { ...PART_TIME, monday: 1_441 } }, '/minutes/monday'],
      [{ from: '2026-02-01', minutes: { monday: 1 } }, '/minutes/tuesday'],
      [{ from: '2026-02-01', minutes: { ...PART_TIME, holiday: 1 } }, '/minutes/holiday'],
      [{ from: '2026-02-01', minutes: PART_TIME, timeZone: 'Nowhere' }, '/timeZone'],
      [{ minutes: PART_TIME }, '/from'],
    ];
    for (const [body, pointer] of wrong) {
      const answer = await mia.put(`/users/${mia.id}/calendar`, body);
      expect([answer.status, answer.error?.details.map((detail) => detail.pointer)]).toEqual([
        400,
        expect.arrayContaining([pointer]),
      ]);
    }
    expect((await acme.owner.put('/calendars/default', { from: '2026-02-01', minutes: null })).status).toBe(400);
    for (const range of [
      '',
      '?from=2026-01-01',
      '?from=2026-02-01&to=2026-01-01',
      '?from=2026-01-01&to=2027-01-02',
      '?from=x&to=y',
      '?from=2026-01-01&to=2026-01-02&day=1',
    ])
      expect([range, (await mia.get(`/users/${mia.id}/working-time${range}`)).status]).toEqual([range, 400]);
    expect(await minutesOf(mia, mia.id, 'from=2026-01-01&to=2027-01-01')).toHaveLength(366);
  });

  it('holds a hundred weeks', async () => {
    const lee = await acme.join('Lee', 'member');
    for (let i = 0; i < 100; i += 1) {
      const from = new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
      expectStatus(await lee.put(`/users/${lee.id}/calendar`, { from, minutes: PART_TIME }), 200);
    }
    const full = await lee.put(`/users/${lee.id}/calendar`, { from: '2027-01-01', minutes: PART_TIME });
    expect([full.status, full.error.code]).toEqual([409, 'calendar_full']);
    expectStatus(await lee.put(`/users/${lee.id}/calendar`, { from: '2026-01-01', minutes: LONG }), 200);
  });
});

describe('time off', () => {
  it('is taken, changed and given back, and shortens the days that it is on', async () => {
    const tom = await acme.join('Tom', 'member');
    const path = `/users/${tom.id}/time-off`;
    const added = expectStatus(
      await tom.post(path, { kind: 'vacation', from: '2026-06-02', to: '2026-06-03', note: 'At the sea' }),
      201,
    );
    expect(added.headers.get('location')).toBe(`/api/v1${path}/${added.data.id}`);
    expect((await tom.get(`${path}/${added.data.id}`)).data).toEqual(added.data);
    expect(await minutesOf(tom, tom.id)).toEqual([480, 0, 0, 480, 480, 0, 0]);
    const change = { to: '2026-06-04', minutesPerDay: 120 };
    const { data } = expectStatus(await tom.patch(`${path}/${added.data.id}`, change), 200);
    expect(data).toMatchObject({ ...change, from: '2026-06-02', note: 'At the sea', version: 2 });
    expect(await minutesOf(tom, tom.id)).toEqual([480, 360, 360, 360, 480, 0, 0]);
    const stale = await tom.patch(`${path}/${added.data.id}`, change, { 'if-match': '"1"' });
    expect([stale.status, stale.error.code]).toEqual([412, 'version_mismatch']);
    const turned = await tom.patch(`${path}/${added.data.id}`, { to: '2026-06-01' });
    expect([turned.status, turned.error.details[0]!.pointer]).toEqual([400, '/to']);
    expectStatus(await tom.delete(`${path}/${added.data.id}`), 204);
    expect((await tom.delete(`${path}/${added.data.id}`)).error.code).toBe('time_off_not_found');
    expect(await minutesOf(tom, tom.id)).toEqual([480, 480, 480, 480, 480, 0, 0]);
  });

  it('is listed by its days, and found within them', async () => {
    const kim = await acme.join('Kim', 'member');
    for (const day of ['2026-03-09', '2026-01-05', '2026-02-02'])
      expectStatus(await kim.post(`/users/${kim.id}/time-off`, { kind: 'other', from: day, to: day }), 201);
    const days = async (query: string) =>
      expectStatus(await kim.get(`/users/${kim.id}/time-off?${query}`), 200).data.map((each: any) => each.from);
    expect(await days('')).toEqual(['2026-01-05', '2026-02-02', '2026-03-09']);
    expect(await days('from[lte]=2026-02-28&to[gte]=2026-02-01')).toEqual(['2026-02-02']);
  });

  it('tells others that somebody is away, and only those who keep the calendar why', async () => {
    const path = `/users/${mia.id}/time-off`;
    const sick = { kind: 'sick', from: '2026-09-01', to: '2026-09-02', note: 'In hospital' };
    const { id } = expectStatus(await mia.post(path, sick), 201).data;
    const manager = await acme.join('Mary', 'manager');
    for (const client of [mia, ada]) expect((await client.get(`${path}/${id}`)).data).toMatchObject(sick);
    for (const answer of [await manager.get(`${path}/${id}`), await manager.get(path)]) {
      expectStatus(answer, 200);
      expect(JSON.stringify(answer.body)).toContain('2026-09-01');
      expect(JSON.stringify(answer.body)).not.toMatch(/sick|hospital/);
    }
    const { data } = expectStatus(await acme.owner.get(`/tenants/current/audit-log?action=time_off.added`), 200);
    expect(data.length).toBeGreaterThan(0);
    expect(JSON.stringify(data)).not.toMatch(/sick|hospital/);
    expect((await vera.get(path)).status).toBe(403);
    expect((await manager.delete(`${path}/${id}`)).status).toBe(403);
    expect((await manager.post(path, sick)).status).toBe(403);
    expect((await ada.post(`/users/${acme.owner.id}/time-off`, sick)).status).toBe(403);
    // Of one person it is not found with another.
    expect((await ada.get(`/users/${vera.id}/time-off/${id}`)).error.code).toBe('time_off_not_found');
    expectStatus(await ada.delete(`${path}/${id}`), 204);
  });
});
