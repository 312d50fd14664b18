import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mary: Person;
let mia: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [mary, mia] = [await acme.join('Mary', 'manager'), await acme.join('Mia', 'member')];
  projectId = (
    await acme.project('Apollo', [
      [mary, 'manager'],
      [mia, 'member'],
    ])
  ).id;
});
afterAll(() => app.stop());

const TODAY = new Date().toISOString().slice(0, 10);
/** A Monday to come. */
const WEEK = mondayOf(addDays(TODAY, 14));
const path = () => `/projects/${projectId}/resources`;

async function member(name: string, project = projectId): Promise<Person> {
  const person = await acme.join(name, 'member');
  expectStatus(await acme.owner.post(`/projects/${project}/members`, { userId: person.id }), 201);
  return person;
}

describe('a resource assignment', () => {
  it('is made, read, listed, changed and removed', async () => {
    const body = { userId: mia.id, hoursPerWeek: 20, from: WEEK, to: addDays(WEEK, 13), note: 'Half' };
    const made = expectStatus(await mary.post(path(), body), 201);
    expect(made.headers.get('location')).toBe(`/api/v1${path()}/${made.data.id}`);
    expect(made.data).toMatchObject({ ...body, projectId, percent: null, version: 1, warnings: [] });
    const { warnings: _, ...plain } = made.data;
    const one = `${path()}/${made.data.id}`;
    expect(expectStatus(await mary.get(one), 200).data).toEqual(plain);
    expect((await mary.get(path())).data).toEqual([plain]);
    expect((await mary.get(`${path()}?userId=${mary.id}`)).data).toEqual([]);
    expect((await mary.get(`${path()}?hoursPerWeek[gte]=20&percent=null&note[contains]=HALF`)).data).toEqual([plain]);
    expect((await mary.get(`${path()}?hoursPerWeek[gt]=20`)).data).toEqual([]);
    // What somebody has been promised for, and what was noted with it, is no business of everybody in the project.
    expect((await mia.get(one)).error.code).toBe('permission_denied');
    const share = expectStatus(await mary.patch(one, { percent: 80 }, { 'if-match': '"1"' }), 200).data;
    expect(share).toMatchObject({ percent: 80, hoursPerWeek: null, version: 2 });
    expect(expectStatus(await mary.patch(one, { percent: 80 }), 200).data.version).toBe(2);
    expect((await mary.patch(one, { note: null }, { 'if-match': '"1"' })).error.code).toBe('version_mismatch');
    expectStatus(await mary.delete(one, { 'if-match': '"2"' }), 204);
    expect((await mary.get(one)).error.code).toBe('resource_not_found');
  });

  it('is refused where it cannot be', async () => {
    const other = await acme.project('Other', [[mary, 'manager']]);
    const outsider = await acme.join('Otto', 'member');
    const fine = { userId: mia.id, percent: 50, from: WEEK, to: WEEK };
    const wrong: [object, string, string][] = [
      [{ ...fine, percent: undefined }, '/hoursPerWeek', 'exclusive'],
      [{ ...fine, hoursPerWeek: 5 }, '/hoursPerWeek', 'exclusive'],
      [{ ...fine, percent: 0 }, '/hoursPerWeek', 'exclusive'],
      [{ ...fine, percent: 200.5 }, '/percent', 'amount'],
      [{ ...fine, percent: null, hoursPerWeek: 168.5 }, '/hoursPerWeek', 'amount'],
      [{ ...fine, to: addDays(WEEK, -1) }, '/to', 'before_start'],
      [{ ...fine, userId: outsider.id }, '/userId', 'not_a_member'],
      [{ ...fine, userId: newId() }, '/userId', 'not_a_member'],
    ];
    for (const [body, pointer, code] of wrong) {
      const { status, error } = await mary.post(path(), body);
      expect([body, status, error?.details[0]]).toEqual([body, 400, expect.objectContaining({ pointer, code })]);
    }
    const { id } = expectStatus(await mary.post(path(), fine), 201).data;
    expect((await mary.patch(`${path()}/${id}`, { percent: null })).error.details[0]!.code).toBe('exclusive');
    expect((await mary.patch(`${path()}/${id}`, { from: addDays(WEEK, 1) })).error.details[0]!.code).toBe(
      'before_start',
    );
    expect((await mia.patch(`${path()}/${id}`, { note: 'x' })).error.code).toBe('permission_denied');
    expect((await mary.get(`/projects/${other.id}/resources/${id}`)).error.code).toBe('resource_not_found');
    expect((await outsider.get(`${path()}/${id}`)).error.code).toBe('permission_denied');
    expectStatus(await mary.delete(`${path()}/${id}`), 204);
  });

  it('warns of the weeks for which its person has been promised too much', async () => {
    const pia = await member('Pia');
    const secret = await acme.project('Secret', [[pia, 'member']]);
    const plan = (project: string, body: object) =>
      acme.owner.post(`/projects/${project}/resources`, { userId: pia.id, ...body });
    const whole = { percent: 100, from: addDays(WEEK, 7), to: addDays(WEEK, 20) };
    expect(expectStatus(await plan(secret.id, whole), 201).data.warnings).toEqual([]);
    const body = { userId: pia.id, hoursPerWeek: 10, from: WEEK, to: addDays(WEEK, 15) };
    const made = expectStatus(await mary.post(path(), body), 201).data;
    const over = { capacityHours: 40, overHours: 10 };
    expect(made.warnings).toEqual([
      { week: addDays(WEEK, 7), ...over, allocatedHours: 50 },
      // Monday and Tuesday of five days.
      { week: addDays(WEEK, 14), ...over, allocatedHours: 44, overHours: 4 },
    ]);
    const shorter = expectStatus(await mary.patch(`${path()}/${made.id}`, { to: addDays(WEEK, 6) }), 200).data;
    expect(shorter.warnings).toEqual([]);
    const away = { kind: 'vacation', from: WEEK, to: addDays(WEEK, 4) };
    expectStatus(await pia.post(`/users/${pia.id}/time-off`, away), 201);
    const promised = expectStatus(await mary.patch(`${path()}/${made.id}`, { note: 'Off' }), 200).data.warnings;
    expect(promised).toEqual([{ week: WEEK, capacityHours: 0, allocatedHours: 10, overHours: 10 }]);
  });

  it('ends on the day on which its person leaves the project or the organisation', async () => {
    const [ann, ben, cem] = [await member('Ann'), await member('Ben'), await acme.join('Cem', 'member')];
    const { id: team } = expectStatus(await acme.owner.post('/teams', { name: 'Hull' }), 201).data;
    expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId: cem.id }), 201);
    expectStatus(await acme.owner.put(`/projects/${projectId}/teams/${team}`, { role: 'member' }), 200);
    for (const { id: userId } of [ann, ben, cem]) {
      for (const from of [addDays(TODAY, -10), WEEK]) {
        const plan = { userId, percent: 10, from, to: addDays(WEEK, 30) };
        expectStatus(await acme.owner.post(path(), plan), 201);
      }
    }
    expectStatus(await acme.owner.patch(`/users/${ann.id}`, { active: false }), 200);
    expectStatus(await acme.owner.delete(`/projects/${projectId}/members/${ben.id}`), 204);
    expectStatus(await acme.owner.delete(`/teams/${team}/members/${cem.id}`), 204);
    for (const { id } of [ann, ben, cem])
      await eventually(async () => {
        const { data } = await acme.owner.get(`${path()}?userId=${id}`);
        expect(data.map(({ from, to, version }: any) => [from, to, version])).toEqual([
          [addDays(TODAY, -10), TODAY, 2],
        ]);
      });
    const [rest] = (await acme.owner.get(`${path()}?userId=${ben.id}`)).data;
    expectStatus(await acme.owner.patch(`${path()}/${rest.id}`, { to: addDays(TODAY, -1) }), 200);
    expect((await acme.owner.patch(`${path()}/${rest.id}`, { to: WEEK })).error.details[0]!.code).toBe('not_a_member');
  });
});
