import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

async function teamOf(...people: Person[]): Promise<string> {
  const { id } = expectStatus(await acme.owner.post('/teams', { name: `Team ${newId()}` }), 201).data;
  for (const { id: userId } of people) expectStatus(await acme.owner.post(`/teams/${id}/members`, { userId }), 201);
  return id;
}

async function given(projectId: string, teamId: string, role: string): Promise<void> {
  expectStatus(await acme.owner.put(`/projects/${projectId}/teams/${teamId}`, { role }), 200);
}

const assigneeOf = async (taskId: string) => (await acme.owner.get(`/tasks/${taskId}`)).data.assigneeId;

describe('a team that was given a project', () => {
  it('brings everybody in it there, and nowhere else', async () => {
    const gwen = await acme.join('Gwen', 'guest');
    const [apollo, other] = [await acme.project('Apollo'), await acme.project('Other')];
    const [task, hidden] = [await acme.task(apollo.id), await acme.task(other.id)];
    expect((await gwen.get('/projects?count=true')).meta.total).toBe(0);
    await given(apollo.id, await teamOf(gwen), 'manager');
    const { data, meta } = expectStatus(await gwen.get('/projects?count=true'), 200);
    expect([data.map((project: any) => project.id), meta.total]).toEqual([[apollo.id], 1]);
    const tasks = expectStatus(await gwen.get('/tasks?count=true'), 200);
    expect([tasks.data.map((each: any) => each.id), tasks.meta.total]).toEqual([[task.id], 1]);
    for (const path of ['', '/history', '/comments']) expectStatus(await gwen.get(`/tasks/${task.id}${path}`), 200);
    await eventually(async () => expectStatus(await gwen.patch(`/tasks/${task.id}`, { title: 'By Gwen' }), 200));
    expectStatus(await gwen.get(`/projects/${apollo.id}/metrics`), 200);
    expect((await gwen.patch(`/tasks/${hidden.id}`, { title: 'Mine' })).status).toBe(404);
    for (const path of [`/projects/${other.id}`, `/projects/${other.id}/teams`, `/tasks/${hidden.id}`])
      expect((await gwen.get(path)).status).toBe(404);
    expect((await gwen.get('/users')).status).toBe(403);
    expect((await gwen.post('/tasks', { projectId: other.id, title: 'Mine' })).error.details).toMatchObject([
      { pointer: '/projectId', code: 'unknown_project' },
    ]);
    expect((await gwen.patch(`/tasks/${task.id}`, { projectId: other.id })).error.details).toMatchObject([
      { pointer: '/projectId', code: 'unknown_field' },
    ]);
  });

  it('is listed with its role, which can be changed and taken', async () => {
    const mike = await acme.join('Mike', 'member');
    const { id } = await acme.project('Apollo');
    const team = await teamOf(mike);
    const put = await acme.owner.put(`/projects/${id}/teams/${team}`, { role: 'viewer' });
    expect(expectStatus(put, 200).data).toMatchObject({ teamId: team, role: 'viewer' });
    await given(id, team, 'member');
    const { data, meta } = expectStatus(await mike.get(`/projects/${id}/teams?count=true`), 200);
    expect([data.map((each: any) => [each.teamId, each.role]), meta.total]).toEqual([[[team, 'member']], 1]);
    expectStatus(await acme.owner.delete(`/projects/${id}/teams/${team}`), 204);
    expect((await acme.owner.delete(`/projects/${id}/teams/${team}`)).error.code).toBe('project_team_not_found');
    expect((await acme.owner.put(`/projects/${id}/teams/${newId()}`, { role: 'viewer' })).error.code).toBe(
      'team_not_found',
    );
    expect((await acme.owner.put(`/projects/${id}/teams/${team}`, { role: 'owner' })).status).toBe(400);
    expect((await mike.get(`/projects/${id}`)).status).toBe(404);
  });

  it.each([
    ['viewer', 'manager', 200],
    ['manager', 'viewer', 200],
    ['viewer', 'viewer', 403],
  ] as const)(
    'leaves somebody who is a %s by name, and a %s through it, the higher role',
    async (name, team, status) => {
      const vera = await acme.join('Vera', 'viewer');
      const { id } = await acme.project('Apollo', [[vera, name]]);
      await given(id, await teamOf(vera), 'viewer');
      await given(id, await teamOf(vera), team);
      await eventually(async () => expectStatus(await vera.patch(`/projects/${id}`, { description: 'Mine' }), status));
    },
  );

  it('does its tasks', async () => {
    const [mike, stranger] = [await acme.join('Mike', 'member'), await acme.join('Sven', 'member')];
    const { id } = await acme.project('Apollo');
    await given(id, await teamOf(mike), 'member');
    const task = await acme.task(id, { assigneeId: mike.id, reporterId: mike.id });
    expectStatus(await mike.put(`/tasks/${task.id}/status`, { status: 'in_progress' }), 200);
    const refusal = await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: stranger.id });
    expect(refusal.error.details).toMatchObject([{ pointer: '/assigneeId', code: 'not_a_member' }]);
  });
});

describe('the open tasks of somebody', () => {
  /** One open and one done task of a person who is in a project through a team, and a way out. */
  async function worker() {
    const mike = await acme.join('Mike', 'member');
    const { id } = await acme.project('Apollo');
    const team = await teamOf(mike);
    await given(id, team, 'member');
    const open = await acme.task(id, { assigneeId: mike.id });
    const done = await acme.task(id, { assigneeId: mike.id, status: 'done' });
    return { mike, id, team, open: open.id, done: done.id };
  }

  it.each([
    ['they leave the team', (w: any) => acme.owner.delete(`/teams/${w.team}/members/${w.mike.id}`)],
    ['the team is taken from the project', (w: any) => acme.owner.delete(`/projects/${w.id}/teams/${w.team}`)],
    ['the team is deleted', (w: any) => acme.owner.delete(`/teams/${w.team}`)],
  ])('are nobody’s when %s', async (_, leave) => {
    const work = await worker();
    expectStatus(await leave(work), 204);
    expect((await work.mike.get(`/tasks/${work.open}`)).status).toBe(404);
    await eventually(async () => expect(await assigneeOf(work.open)).toBeNull());
    expect(await assigneeOf(work.done)).toBe(work.mike.id);
  });

  it('stay theirs as long as they are in the project in another way', async () => {
    const { mike, id, team, open } = await worker();
    const leaving = await worker();
    expectStatus(await acme.owner.post(`/projects/${id}/members`, { userId: mike.id, role: 'viewer' }), 201);
    expectStatus(await acme.owner.delete(`/projects/${id}/teams/${team}`), 204);
    const second = await teamOf(mike);
    await given(id, second, 'viewer');
    expectStatus(await acme.owner.delete(`/projects/${id}/members/${mike.id}`), 204);
    // Events are heard in their order: by the time a later one is seen, the earlier ones were.
    expectStatus(await acme.owner.delete(`/teams/${leaving.team}`), 204);
    await eventually(async () => expect(await assigneeOf(leaving.open)).toBeNull());
    expect(await assigneeOf(open)).toBe(mike.id);
    expectStatus(await acme.owner.delete(`/teams/${second}`), 204);
    await eventually(async () => expect(await assigneeOf(open)).toBeNull());
  });

  it('are given to nobody who is leaving the team at that moment', async () => {
    const { mike, id, team } = await worker();
    const tasks = await Promise.all(Array.from({ length: 6 }, () => acme.task(id)));
    const [removal, ...answers] = await Promise.all([
      acme.owner.delete(`/teams/${team}/members/${mike.id}`),
      ...tasks.map((task) => acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: mike.id })),
    ]);
    expectStatus(removal, 204);
    expect(answers.filter(({ status }) => status !== 200 && status !== 400)).toEqual([]);
    await eventually(async () => {
      for (const task of tasks) expect(await assigneeOf(task.id)).toBeNull();
    });
  });
});

describe('nobody becomes more than they are', () => {
  it('by joining a team that does more in a project than they may', async () => {
    const role = { key: 'people-office', name: 'People office', level: 20 };
    const grants = ['team.read', 'team.update', 'user.read', 'project.read', 'task.read'];
    expectStatus(await acme.owner.post('/roles', { ...role, grants }), 201);
    const hanna = await acme.join('Hanna', role.key);
    const { id } = await acme.project('Coveted');
    const [managing, viewing, idle] = [await teamOf(), await teamOf(), await teamOf()];
    await given(id, managing, 'manager');
    await given(id, viewing, 'viewer');
    const joins = (team: string) => hanna.post(`/teams/${team}/members`, { userId: hanna.id, role: 'lead' });
    const refusal = await joins(managing);
    expect([refusal.status, refusal.error.code]).toEqual([403, 'permission_denied']);
    expectStatus(await joins(viewing), 201);
    expectStatus(await joins(idle), 201);
    expect((await hanna.patch(`/projects/${id}`, { description: 'Mine' })).status).toBe(403);
    expect((await hanna.put(`/projects/${id}/teams/${idle}`, { role: 'manager' })).status).toBe(403);
  });

  it('by giving a project to their team beyond what they may do there', async () => {
    const role = { key: 'project-office', name: 'Project office', level: 20 };
    expectStatus(await acme.owner.post('/roles', { ...role, grants: ['project.read', 'project.update'] }), 201);
    const petra = await acme.join('Petra', role.key);
    const { id } = await acme.project('Coveted', [[petra, 'viewer']]);
    const team = await teamOf(petra);
    const gives = (as: string) => petra.put(`/projects/${id}/teams/${team}`, { role: as });
    const refusal = await gives('manager');
    expect([refusal.status, refusal.error.message]).toEqual([403, 'This needs the permission task.create.']);
    expectStatus(await gives('viewer'), 200);
  });
});

describe('leaving a team', () => {
  it('is seen within a second by another instance', async () => {
    const second = await startApp({ database: app.database });
    try {
      const gwen = await acme.join('Gwen', 'guest');
      const { id } = await acme.project('Apollo');
      const team = await teamOf(gwen);
      await given(id, team, 'manager');
      const there = Object.assign(gwen.with({}), { url: second.url });
      await eventually(
        async () => expectStatus(await there.patch(`/projects/${id}`, { description: 'New' }), 200),
        1_500,
      );
      expectStatus(await acme.owner.delete(`/teams/${team}/members/${gwen.id}`), 204);
      expect((await there.get(`/projects/${id}`)).status).toBe(404);
      await eventually(
        async () => expectStatus(await there.patch(`/projects/${id}`, { description: 'Old' }), 403),
        1_500,
      );
    } finally {
      await second.stop();
    }
  });
});
