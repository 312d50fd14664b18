import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const apollo = {
  name: 'Apollo',
  description: '# To the moon',
  status: 'planning',
  startDate: '2026-01-15',
  endDate: '2026-12-31',
  budget: { amount: '9999999999.99', currency: 'EUR' },
  settings: { colour: 'blue', nested: { list: [1, 2] } },
};

describe('a project', () => {
  it('is created as given and shown as created', async () => {
    const created = expectStatus(await acme.owner.post('/projects', apollo), 201);
    expect(created.data).toMatchObject({ ...apollo, ownerId: acme.owner.id, version: 1 });
    const shown = await acme.owner.get(`/projects/${created.data.id}`);
    expect(shown.data).toEqual(created.data);
    expect(shown.headers.get('etag')).toBe('"1"');
  });

  it('starts active, in dollars, without what was not given', async () => {
    const { data } = expectStatus(await acme.owner.post('/projects', { name: 'Bare', budget: { amount: '5' } }), 201);
    expect(data).toMatchObject({
      status: 'active',
      description: null,
      startDate: null,
      budget: { amount: '5.00', currency: 'USD' },
      settings: {},
    });
  });

  it('changes only in what is sent, and forgets what is sent as null', async () => {
    const { data } = expectStatus(await acme.owner.post('/projects', apollo), 201);
    const changed = expectStatus(
      await acme.owner.patch(`/projects/${data.id}`, { status: 'active', budget: null, startDate: null }),
      200,
    );
    expect(changed.data).toMatchObject({ ...apollo, status: 'active', budget: null, startDate: null, version: 2 });
  });

  it('refuses an end before the start, also when only one of them changes', async () => {
    expect(
      await acme.owner.post('/projects', { name: 'X', startDate: '2026-05-02', endDate: '2026-05-01' }),
    ).toMatchObject({ status: 400, error: { details: [{ pointer: '/endDate' }] } });
    const { data } = expectStatus(await acme.owner.post('/projects', apollo), 201);
    expect((await acme.owner.patch(`/projects/${data.id}`, { endDate: '2026-01-14' })).status).toBe(400);
  });

  it('refuses an owner who is not an active person of the tenant', async () => {
    expect(
      await acme.owner.post('/projects', { name: 'X', ownerId: '01a1fd63-67b4-7171-b0f8-56b6502b6e47' }),
    ).toMatchObject({ status: 400, error: { details: [{ pointer: '/ownerId', code: 'unknown_user' }] } });
  });

  it('is read again for nothing while nobody changed it', async () => {
    const { id } = await acme.project('Cached');
    expect((await acme.owner.get(`/projects/${id}`, { 'if-none-match': '"1"' })).status).toBe(304);
    expectStatus(await acme.owner.patch(`/projects/${id}`, { name: 'Changed' }), 200);
    expect((await acme.owner.get(`/projects/${id}`, { 'if-none-match': '"1"' })).status).toBe(200);
  });

  it('keeps the change of the first of two who started from the same version', async () => {
    const { id } = await acme.project('Contended');
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        acme.owner.patch(`/projects/${id}`, { name: `Writer ${i}` }, { 'if-match': '"1"' }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
    const winner = answers.find((answer) => answer.status === 200)!;
    expect((await acme.owner.get(`/projects/${id}`)).data.name).toBe(winner.data.name);
  });

  it('is gone when deleted, and its tasks with it', async () => {
    const { id } = await acme.project('Doomed');
    const task = await acme.task(id);
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    expect(await acme.owner.get(`/projects/${id}`)).toMatchObject({
      status: 404,
      error: { code: 'project_not_found' },
    });
    expect((await acme.owner.get(`/tasks/${task.id}`)).status).toBe(404);
    expect((await acme.owner.get(`/tasks?projectId=${id}`)).data).toEqual([]);
    expect((await acme.owner.delete(`/projects/${id}`)).status).toBe(404);
  });
});

describe('the members of a project', () => {
  it('are its creator as manager, and those who are added', async () => {
    const mia = await acme.join('Mia', 'member');
    const { id } = await acme.project('Team');
    expect((await mia.get(`/projects/${id}`)).status).toBe(404);
    const added = expectStatus(await acme.owner.post(`/projects/${id}/members`, { userId: mia.id }), 201);
    expect(added.data).toMatchObject({ userId: mia.id, role: 'member', firstName: 'Mia' });
    expectStatus(await mia.get(`/projects/${id}`), 200);
    const { data } = await acme.owner.get(`/projects/${id}/members`);
    expect(data.map((member: any) => [member.userId, member.role])).toEqual([
      [acme.owner.id, 'manager'],
      [mia.id, 'member'],
    ]);
  });

  it('are added once, changed and removed', async () => {
    const nils = await acme.join('Nils', 'member');
    const { id } = await acme.project('Team', [[nils, 'viewer']]);
    expect(await acme.owner.post(`/projects/${id}/members`, { userId: nils.id })).toMatchObject({
      status: 409,
      error: { code: 'already_member' },
    });
    expect(
      expectStatus(await acme.owner.patch(`/projects/${id}/members/${nils.id}`, { role: 'manager' }), 200).data.role,
    ).toBe('manager');
    const task = await acme.task(id, { assigneeId: nils.id });
    expectStatus(await acme.owner.delete(`/projects/${id}/members/${nils.id}`), 204);
    expect((await nils.get(`/projects/${id}`)).status).toBe(404);
    expect((await acme.owner.delete(`/projects/${id}/members/${nils.id}`)).status).toBe(404);
    await eventually(async () => expect((await acme.owner.get(`/tasks/${task.id}`)).data.assigneeId).toBeNull());
  });
});

describe('the owner of a project', () => {
  it('manages it from the moment it is theirs, and cannot be removed or be less', async () => {
    const nora = await acme.join('Nora', 'member');
    const { id } = await acme.project('Handed over', [[nora, 'viewer']]);
    expectStatus(await acme.owner.patch(`/projects/${id}`, { ownerId: nora.id }), 200);
    expect((await nora.get(`/projects/${id}/members/${nora.id}`)).data.role).toBe('manager');
    await eventually(async () => expectStatus(await nora.patch(`/projects/${id}`, { description: 'mine' }), 200));
    expect(await acme.owner.delete(`/projects/${id}/members/${nora.id}`)).toMatchObject({
      status: 409,
      error: { code: 'owner_stays_manager' },
    });
    expect((await acme.owner.patch(`/projects/${id}/members/${nora.id}`, { role: 'viewer' })).status).toBe(409);
  });
});

describe('the addresses of members', () => {
  it('are shown to those who may see people, and to nobody else', async () => {
    const [vera, mia] = [await acme.join('Vera', 'viewer'), await acme.join('Mia', 'member')];
    const { id } = await acme.project('Discreet', [
      [vera, 'viewer'],
      [mia, 'member'],
    ]);
    const emails = async (who: typeof vera) =>
      (await who.get(`/projects/${id}/members`)).data.map((member: any) => member.email);
    expect(await emails(vera)).toEqual([null, null, null]);
    expect(await emails(mia)).toEqual([acme.owner.email, vera.email, mia.email]);
  });

  it('find nobody, as names do', async () => {
    const [vera, mia] = [await acme.join('Vera', 'viewer'), await acme.join('Mia', 'member')];
    const { id } = await acme.project('Named', [
      [vera, 'viewer'],
      [mia, 'member'],
    ]);
    const found = async (query: string) =>
      expectStatus(await vera.get(`/projects/${id}/members?${query}`), 200).data.map((each: any) => each.userId);
    for (const query of ['name=Mia Tester', 'name[contains]=MIA T', 'firstName=Mia', 'role=member'])
      expect([query, await found(query)]).toEqual([query, [mia.id]]);
    expect(await found('lastName=Tester&sort=-name')).toEqual([vera.id, mia.id]);
    expect((await mia.get(`/projects/${id}/members?email=${mia.email}`)).status).toBe(400);
  });
});

describe('a created resource', () => {
  it('is found where its Location says', async () => {
    const { id } = await acme.project('Located');
    const task = await acme.owner.post('/tasks', { projectId: id, title: 'Located' });
    const person = await acme.owner.post('/users', { email: 'located@example.test', firstName: 'L', lastName: 'T' });
    const created = [
      await acme.owner.post('/projects', { name: 'Another' }),
      task,
      person,
      await acme.owner.post(`/tasks/${task.data.id}/comments`, { body: 'Located' }),
      await acme.owner.post(`/projects/${id}/members`, { userId: person.data.id }),
    ];
    for (const answer of created) {
      const found = expectStatus(await acme.owner.get(answer.headers.get('location')!), 200);
      expect(found.data).toEqual(answer.data);
    }
  });
});
