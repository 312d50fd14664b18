import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let max: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [mia, max] = [await acme.join('Mia', 'member'), await acme.join('Max', 'manager')];
  projectId = (
    await acme.project('Apollo', [
      [mia, 'member'],
      [max, 'manager'],
    ])
  ).id;
});
afterAll(() => app.stop());

describe('a deleted task', () => {
  it('is listed for those who may delete, and restored as it was', async () => {
    const task = await acme.task(projectId, { title: 'Precious', assigneeId: mia.id, tags: ['x'], estimatedHours: 3 });
    expectStatus(await max.delete(`/tasks/${task.id}`), 204);
    expect((await mia.get(`/tasks/${task.id}`)).status).toBe(404);
    expect((await mia.get(`/projects/${projectId}/deleted-tasks`)).status).toBe(403);
    const listed = expectStatus(await max.get(`/projects/${projectId}/deleted-tasks`), 200).data;
    expect(listed[0]).toMatchObject({ id: task.id, title: 'Precious', deletedAt: expect.any(String) });
    expect((await mia.post(`/tasks/${task.id}/restoration`)).status).toBe(403);
    const restored = expectStatus(await max.post(`/tasks/${task.id}/restoration`), 200).data;
    const { version: _v, updatedAt: _u, ...same } = task;
    expect(restored).toMatchObject(same);
    expect(expectStatus(await max.post(`/tasks/${task.id}/restoration`), 200).data).toEqual(restored);
    const history = expectStatus(await mia.get(`/tasks/${task.id}/history?field=deleted`), 200).data;
    expect(history.map(({ oldValue, newValue, actorId }: any) => [oldValue, newValue, actorId])).toEqual([
      [false, true, max.id],
      [true, false, max.id],
    ]);
  });

  it('comes back without what is gone since: parent, milestone, assignee, status', async () => {
    const { id } = await acme.project('Changing', [[mia, 'member']]);
    const milestone = expectStatus(await acme.owner.post(`/projects/${id}/milestones`, { name: 'M' }), 201).data;
    const parent = await acme.task(id);
    const fields = { parentId: parent.id, milestoneId: milestone.id, assigneeId: mia.id, status: 'in_review' };
    const task = await acme.task(id, fields);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expectStatus(await acme.owner.delete(`/tasks/${parent.id}`), 204);
    expectStatus(await acme.owner.delete(`/milestones/${milestone.id}`), 204);
    expectStatus(await acme.owner.delete(`/projects/${id}/members/${mia.id}`), 204);
    const statuses = [
      { key: 'open', name: 'Open', category: 'todo' },
      { key: 'closed', name: 'Closed', category: 'done' },
    ];
    expectStatus(await acme.owner.put(`/projects/${id}/workflow`, { statuses }), 200);
    expect(expectStatus(await acme.owner.post(`/tasks/${task.id}/restoration`), 200).data).toMatchObject({
      parentId: null,
      milestoneId: null,
      assigneeId: null,
      status: 'open',
      statusCategory: 'todo',
    });
  });

  it('stays away when it was never there, or its project is gone', async () => {
    const { id } = await acme.project('Doomed');
    const task = await acme.task(id);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    expect((await acme.owner.post(`/tasks/${task.id}/restoration`)).status).toBe(404);
    expect((await acme.owner.post(`/tasks/${id}/restoration`)).status).toBe(404);
  });
});

describe('the parts of a task that is deleted', () => {
  it('stand for themselves, also those that join it at that moment', async () => {
    for (let round = 0; round < 8; round += 1) {
      const parent = await acme.task(projectId);
      const other = await acme.task(projectId);
      const [created, joined, deleted] = await Promise.all([
        max.post('/tasks', { projectId, title: 'Late', parentId: parent.id }),
        max.patch(`/tasks/${other.id}`, { parentId: parent.id }),
        acme.owner.delete(`/tasks/${parent.id}`),
      ]);
      expectStatus(deleted, 204);
      for (const { status, data } of [created, joined]) {
        expect([200, 201, 400]).toContain(status);
        if (status !== 400) expect((await max.get(`/tasks/${data.id}`)).data.parentId).toBeNull();
      }
    }
  });
});

describe('the hours of a task with parts', () => {
  it('are summed over everything below it, cancelled parts left out', async () => {
    const whole = await acme.task(projectId, { estimatedHours: 1, startDate: '2026-03-05' });
    const part = await acme.task(projectId, {
      parentId: whole.id,
      estimatedHours: 4,
      remainingHours: 1.5,
      dueDate: '2026-04-01',
    });
    await acme.task(projectId, { parentId: part.id, estimatedHours: 2, status: 'done', startDate: '2026-03-01' });
    await acme.task(projectId, { parentId: whole.id, estimatedHours: 50, status: 'cancelled', dueDate: '2027-01-01' });
    expect(expectStatus(await mia.get(`/tasks/${whole.id}/roll-up`), 200).data).toEqual({
      subtasks: 2,
      done: 1,
      completion: 0.5,
      estimatedHours: 7,
      actualHours: 0,
      remainingHours: 2.5,
      startDate: '2026-03-01',
      dueDate: '2026-04-01',
    });
  });
});

describe('tags', () => {
  it('are added and removed by name, so that two people who add at once both do', async () => {
    const task = await acme.task(projectId, { tags: ['a', 'b'] });
    const patch = (tags: unknown) => max.patch(`/tasks/${task.id}`, { tags });
    const [first, second] = await Promise.all([patch({ add: ['c'] }), patch({ add: ['d'], remove: ['a'] })]);
    for (const answer of [first, second]) expectStatus(answer, 200);
    expect([...(await max.get(`/tasks/${task.id}`)).data.tags].sort()).toEqual(['b', 'c', 'd']);
    expect(expectStatus(await patch(['z']), 200).data.tags).toEqual(['z']);
    for (const wrong of [{ add: 'x' }, { plus: ['x'] }, [''], [7], 'x', null])
      expect(await patch(wrong)).toMatchObject({ status: 400, error: { details: [{ pointer: '/tags' }] } });
    expect(await patch({ add: Array.from({ length: 50 }, (_, i) => `t${i}`) })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/tags', code: 'too_many' }] },
    });
  });
});

describe('a watcher', () => {
  it('says so for themselves, and others are named by those who may change the task', async () => {
    const vera = await acme.join('Vera', 'viewer');
    expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: vera.id, role: 'viewer' }), 201);
    const task = await acme.task(projectId);
    expect(expectStatus(await vera.put(`/tasks/${task.id}/watchers/${vera.id}`), 200).data.name).toBe('Vera Tester');
    expectStatus(await vera.put(`/tasks/${task.id}/watchers/${vera.id}`), 200);
    expect((await vera.put(`/tasks/${task.id}/watchers/${mia.id}`)).status).toBe(403);
    expectStatus(await max.put(`/tasks/${task.id}/watchers/${mia.id}`), 200);
    const outsider = await acme.join('Otto', 'member');
    expect(await max.put(`/tasks/${task.id}/watchers/${outsider.id}`)).toMatchObject({
      status: 400,
      error: { details: [{ code: 'not_a_member' }] },
    });
    expect((await outsider.put(`/tasks/${task.id}/watchers/${outsider.id}`)).status).toBe(404);
    const watching = async () => (await max.get(`/tasks/${task.id}/watchers`)).data.map((one: any) => one.userId);
    expect(await watching()).toEqual([vera.id, mia.id]);
    expectStatus(await vera.delete(`/tasks/${task.id}/watchers/${vera.id}`), 204);
    expectStatus(await vera.delete(`/tasks/${task.id}/watchers/${vera.id}`), 204);
    expect(await watching()).toEqual([mia.id]);
    expectStatus(await acme.owner.delete(`/users/${mia.id}`), 204);
    await eventually(async () => expect(await watching()).toEqual([]));
  });
});
