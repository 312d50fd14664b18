import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let ada: Person;
let lena: Person;
let mike: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [ada, lena, mike] = [
    await acme.join('Ada', 'admin'),
    await acme.join('Lena', 'member'),
    await acme.join('Mike', 'member'),
  ];
});
afterAll(() => app.stop());

async function teamOf(...members: [Person, 'lead' | 'member'][]): Promise<string> {
  const { id } = expectStatus(await ada.post('/teams', { name: `Team ${newId()}` }), 201).data;
  for (const [person, role] of members)
    expectStatus(await ada.post(`/teams/${id}/members`, { userId: person.id, role }), 201);
  return id;
}

describe('a team', () => {
  it('is created, shown, changed and deleted', async () => {
    const made = expectStatus(await ada.post('/teams', { name: 'Night shift', description: 'From ten to six' }), 201);
    expect(made.data).toMatchObject({ name: 'Night shift', description: 'From ten to six', version: 1 });
    const path = `/teams/${made.data.id}`;
    expect(made.headers.get('location')).toBe(`/api/v1${path}`);
    expect((await mike.get(path)).data).toEqual(made.data);
    const changed = expectStatus(await ada.patch(path, { description: null }, { 'if-match': '"1"' }), 200).data;
    expect(changed).toMatchObject({ name: 'Night shift', description: null, version: 2 });
    expect((await ada.patch(path, { name: 'Late' }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await ada.delete(path, { 'if-match': '"1"' })).status).toBe(412);
    expectStatus(await ada.delete(path), 204);
    expect((await ada.get(path)).error.code).toBe('team_not_found');
  });

  it('has a name of its own, without regard to case', async () => {
    expectStatus(await ada.post('/teams', { name: 'Bridge' }), 201);
    const taken = await ada.post('/teams', { name: 'bRIDGE' });
    expect([taken.status, taken.error.code, taken.error.details[0]!.pointer]).toEqual([
      409,
      'team_name_taken',
      '/name',
    ]);
    const other = await teamOf();
    expect((await ada.patch(`/teams/${other}`, { name: 'BRIDGE' })).error.code).toBe('team_name_taken');
    const answers = await Promise.all([1, 2, 3, 4].map(() => ada.post('/teams', { name: 'Engine room' })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('is listed by name, page by page', async () => {
    const globex = await signUp(app);
    for (const name of ['Beta', 'Alpha', 'Gamma']) expectStatus(await globex.owner.post('/teams', { name }), 201);
    const first = expectStatus(await globex.owner.get('/teams?limit=2&count=true'), 200);
    expect([first.data.map((team: any) => team.name), first.meta.total]).toEqual([['Alpha', 'Beta'], 3]);
    const second = await globex.owner.get(`/teams?limit=2&after=${first.meta.nextCursor}`);
    expect(second.data.map((team: any) => team.name)).toEqual(['Gamma']);
    expect((await globex.owner.get('/teams?name=Beta')).data).toHaveLength(1);
  });

  it('takes in active people, each once, and lets them go', async () => {
    const id = await teamOf([mike, 'member']);
    const added = expectStatus(await ada.post(`/teams/${id}/members`, { userId: lena.id }), 201);
    expect(added.data).toMatchObject({ userId: lena.id, firstName: 'Lena', role: 'member', email: lena.email });
    expect(added.headers.get('location')).toBe(`/api/v1/teams/${id}/members/${lena.id}`);
    expect((await ada.post(`/teams/${id}/members`, { userId: lena.id })).error.code).toBe('already_in_team');
    expect((await ada.post(`/teams/${id}/members`, { userId: newId() })).error.details).toMatchObject([
      { pointer: '/userId', code: 'unknown_user' },
    ]);
    expectStatus(await ada.patch(`/teams/${id}/members/${lena.id}`, { role: 'lead' }), 200);
    const leads = expectStatus(await mike.get(`/teams/${id}/members?role=lead&count=true`), 200);
    expect([leads.data.map((each: any) => each.userId), leads.meta.total]).toEqual([[lena.id], 1]);
    const named = expectStatus(await mike.get(`/teams/${id}/members?name[contains]=mike t&sort=firstName`), 200);
    expect(named.data.map((each: any) => each.userId)).toEqual([mike.id]);
    expectStatus(await ada.delete(`/teams/${id}/members/${lena.id}`), 204);
    for (const answer of [
      await ada.get(`/teams/${id}/members/${lena.id}`),
      await ada.delete(`/teams/${id}/members/${lena.id}`),
      await ada.patch(`/teams/${id}/members/${lena.id}`, { role: 'lead' }),
    ])
      expect([answer.status, answer.error.code]).toEqual([404, 'team_member_not_found']);
  });

  it('is written down with whoever comes and goes', async () => {
    const id = await teamOf([mike, 'member']);
    expectStatus(await ada.delete(`/teams/${id}`), 204);
    const { rows: tenants } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [acme.id]);
    const { rows } = await app.owner.query(
      `SELECT action, before, after FROM "${tenants[0].schema_name}".audit_events WHERE target_id = $1 ORDER BY at, id`,
      [id],
    );
    expect(rows).toMatchObject([
      { action: 'team.created' },
      { action: 'team.member_added', after: { userId: mike.id, role: 'member' } },
      { action: 'team.deleted', before: { members: [mike.id] } },
    ]);
  });
});

describe('the lead of a team', () => {
  it('says who is in it and what it is called, and does not delete it', async () => {
    const id = await teamOf([lena, 'lead']);
    expectStatus(await lena.post(`/teams/${id}/members`, { userId: mike.id }), 201);
    expectStatus(await lena.patch(`/teams/${id}/members/${mike.id}`, { role: 'lead' }), 200);
    expectStatus(await lena.patch(`/teams/${id}`, { description: 'Led by Lena' }), 200);
    const refusal = await lena.delete(`/teams/${id}`);
    expect([refusal.status, refusal.error.code]).toEqual([403, 'permission_denied']);
    expectStatus(await lena.delete(`/teams/${id}/members/${mike.id}`), 204);
  });

  it('leads no other team, and nothing any more once they are a member', async () => {
    const [own, other] = [await teamOf([lena, 'lead']), await teamOf([lena, 'member'])];
    const attempts = (id: string) => [
      () => lena.post(`/teams/${id}/members`, { userId: mike.id }),
      () => lena.patch(`/teams/${id}/members/${lena.id}`, { role: 'lead' }),
      () => lena.patch(`/teams/${id}`, { name: 'Mine' }),
      () => lena.delete(`/teams/${id}/members/${lena.id}`),
    ];
    for (const attempt of attempts(other)) expect((await attempt()).status).toBe(403);
    expectStatus(await lena.patch(`/teams/${own}/members/${lena.id}`, { role: 'member' }), 200);
    for (const attempt of attempts(own)) expect((await attempt()).status).toBe(403);
  });
});

describe('the teams of a person', () => {
  it('are shown to themselves, and to those who may see teams', async () => {
    const vera = await acme.join('Vera', 'viewer');
    const [led, joined] = [await teamOf([vera, 'lead']), await teamOf([vera, 'member'])];
    for (const who of [vera, mike]) {
      const { data } = expectStatus(await who.get(`/users/${vera.id}/teams`), 200);
      expect(Object.fromEntries(data.map((team: any) => [team.id, team.role]))).toEqual({
        [led]: 'lead',
        [joined]: 'member',
      });
    }
    expect((await vera.get(`/users/${vera.id}/teams?role=lead`)).data.map((team: any) => team.id)).toEqual([led]);
    expect((await vera.get(`/users/${mike.id}/teams`)).status).toBe(403);
    expect((await mike.get(`/users/${newId()}/teams`)).error.code).toBe('user_not_found');
  });
});
