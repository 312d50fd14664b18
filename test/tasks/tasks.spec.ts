import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  projectId = (await acme.project('Apollo', [[mia, 'member']])).id;
});
afterAll(() => app.stop());

describe('a task', () => {
  it('is created as given, with the actor as reporter', async () => {
    const fields = {
      title: 'Build the rocket',
      description: '**soon**',
      status: 'in_progress',
      priority: 'urgent',
      startDate: '2026-03-01',
      dueDate: '2026-03-31',
      estimatedHours: 12.25,
      tags: ['hull', 'moon'],
    };
    const created = expectStatus(await acme.owner.post('/tasks', { projectId, ...fields, assigneeId: mia.id }), 201);
    expect(created.data).toMatchObject({
      ...fields,
      projectId,
      assigneeId: mia.id,
      reporterId: acme.owner.id,
      statusCategory: 'doing',
      completedAt: null,
      version: 1,
    });
    expect(created.data.startedAt).toBe(created.data.createdAt);
    expect((await mia.get(`/tasks/${created.data.id}`)).data).toEqual(created.data);
  });

  it('starts medium and todo', async () => {
    expect(await acme.task(projectId)).toMatchObject({
      status: 'todo',
      priority: 'medium',
      tags: [],
      assigneeId: null,
      estimatedHours: null,
    });
  });

  it('has tags without blanks at their ends, each once', async () => {
    const task = await acme.task(projectId, { tags: [' a', 'a', 'A ', 'b c'] });
    expect(task['tags']).toEqual(['a', 'A', 'b c']);
    const set = async (tags: unknown) => acme.owner.patch(`/tasks/${task.id}`, { tags });
    expect(expectStatus(await set({ add: ['a ', '\td'], remove: [' A', 'b c '] }), 200).data.tags).toEqual(['a', 'd']);
    expect(expectStatus(await set(['x ', ' x']), 200).data.tags).toEqual(['x']);
    for (const tags of [[' '], { add: ['\t'] }])
      expect((await set(tags)).error.details).toMatchObject([{ pointer: '/tags', code: 'text_set' }]);
  });

  it('is assigned to members of the project only', async () => {
    const outsider = await acme.join('Otto', 'member');
    const task = await acme.task(projectId);
    expect(await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: outsider.id })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/assigneeId', code: 'not_a_member' }] },
    });
    expect(
      expectStatus(await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: mia.id }), 200).data,
    ).toMatchObject({ assigneeId: mia.id, version: 2 });
    expect(
      expectStatus(await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: null }), 200).data.assigneeId,
    ).toBeNull();
  });

  it('moves through the workflow, keeps its times, and moving it to where it is changes nothing', async () => {
    const task = await acme.task(projectId);
    const started = expectStatus(await acme.owner.put(`/tasks/${task.id}/status`, { status: 'in_progress' }), 200).data;
    const done = expectStatus(await acme.owner.put(`/tasks/${task.id}/status`, { status: 'done' }), 200).data;
    expect(done).toMatchObject({ status: 'done', statusCategory: 'done', startedAt: started.startedAt, version: 3 });
    expect(expectStatus(await acme.owner.put(`/tasks/${task.id}/status`, { status: 'done' }), 200).data).toEqual(done);
    expect(
      expectStatus(await acme.owner.put(`/tasks/${task.id}/status`, { status: 'todo' }), 200).data.completedAt,
    ).toBeNull();
  });

  it('stands below another task of its project, and never below itself', async () => {
    const [parent, child] = [await acme.task(projectId), await acme.task(projectId)];
    expect(expectStatus(await acme.owner.patch(`/tasks/${child.id}`, { parentId: parent.id }), 200).data.parentId).toBe(
      parent.id,
    );
    expect(await acme.owner.patch(`/tasks/${parent.id}`, { parentId: child.id })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/parentId', code: 'parent_cycle' }] },
    });
    expect((await acme.owner.patch(`/tasks/${parent.id}`, { parentId: parent.id })).status).toBe(400);
    const elsewhere = await acme.task((await acme.project('Other')).id);
    expect(await acme.owner.patch(`/tasks/${child.id}`, { parentId: elsewhere.id })).toMatchObject({
      status: 400,
      error: { details: [{ code: 'unknown_parent' }] },
    });
  });

  it('is gone when deleted', async () => {
    const task = await acme.task(projectId);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`, { 'content-type': 'application/json' }), 204);
    expect((await acme.owner.get(`/tasks/${task.id}`)).status).toBe(404);
    expect((await acme.owner.patch(`/tasks/${task.id}`, { title: 'x' })).status).toBe(404);
  });

  it('loses its assignee when that person is deactivated, unless it is finished', async () => {
    const leaver = await acme.join('Lea', 'member');
    expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: leaver.id }), 201);
    const [open, finished] = [
      await acme.task(projectId, { assigneeId: leaver.id }),
      await acme.task(projectId, { assigneeId: leaver.id, status: 'done' }),
    ];
    expectStatus(await acme.owner.patch(`/users/${leaver.id}`, { active: false }), 200);
    await eventually(async () => expect((await acme.owner.get(`/tasks/${open.id}`)).data.assigneeId).toBeNull());
    expect((await acme.owner.get(`/tasks/${finished.id}`)).data.assigneeId).toBe(leaver.id);
  });
});

describe('the history of a task', () => {
  it('tells every move and every change of a field, who did it, from what to what', async () => {
    const task = await acme.task(projectId, { estimatedHours: 3, assigneeId: mia.id });
    await mia.put(`/tasks/${task.id}/status`, { status: 'in_progress' });
    await acme.owner.patch(`/tasks/${task.id}`, {
      estimatedHours: 5.5,
      dueDate: '2026-09-09',
      title: 'A task',
      tags: ['x'],
    });
    await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: null });
    const { data } = expectStatus(await acme.owner.get(`/tasks/${task.id}/history`), 200);
    const told = data.map((entry: any) => [entry.field, entry.oldValue, entry.newValue, entry.actorId]);
    expect(told.slice(0, 2)).toEqual([
      ['status', null, 'todo', acme.owner.id],
      ['status', 'todo', 'in_progress', mia.id],
    ]);
    expect(told.slice(2).sort()).toEqual(
      [
        ['assigneeId', mia.id, null, acme.owner.id],
        ['dueDate', null, '2026-09-09', acme.owner.id],
        ['estimatedHours', 3, 5.5, acme.owner.id],
        ['tags', [], ['x'], acme.owner.id],
      ].sort(),
    );
  });
});

describe('comments', () => {
  it('are added, listed oldest first, edited by their author and removed', async () => {
    const task = await acme.task(projectId);
    const first = expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body: 'First *thought*' }), 201).data;
    expectStatus(await acme.owner.post(`/tasks/${task.id}/comments`, { body: 'Second' }), 201);
    expect(first).toMatchObject({ taskId: task.id, authorId: mia.id, body: 'First *thought*', version: 1 });
    expect((await acme.owner.patch(`/comments/${first.id}`, { body: 'Not mine' })).status).toBe(403);
    expect(
      expectStatus(await mia.patch(`/comments/${first.id}`, { body: 'Edited' }, { 'if-match': '"1"' }), 200).data,
    ).toMatchObject({ body: 'Edited', version: 2 });
    expect((await mia.patch(`/comments/${first.id}`, { body: 'Late' }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await mia.get(`/tasks/${task.id}/comments`)).data.map((comment: any) => comment.body)).toEqual([
      'Edited',
      'Second',
    ]);
    expectStatus(await mia.delete(`/comments/${first.id}`), 204);
    expect((await mia.get(`/tasks/${task.id}/comments`)).data.map((comment: any) => comment.body)).toEqual(['Second']);
  });
});

describe('a change of nothing', () => {
  it.each([{}, { tags: ['a', 'a', 'b'] }])('leaves a task as it is: %j', async (body) => {
    const task = await acme.task(projectId, { tags: ['a', 'b', 'a'] });
    expect(task['tags']).toEqual(['a', 'b']);
    expect(expectStatus(await acme.owner.patch(`/tasks/${task.id}`, body), 200).data).toEqual(task);
  });

  it('leaves a project and a person as they are', async () => {
    const project = (await acme.owner.get(`/projects/${projectId}`)).data;
    expect(expectStatus(await acme.owner.patch(`/projects/${projectId}`, {}), 200).data).toEqual(project);
    expect(expectStatus(await acme.owner.patch(`/users/${mia.id}`, {}), 200).data.version).toBe(
      (await acme.owner.get(`/users/${mia.id}`)).data.version,
    );
  });
});

describe('two who change things at the same moment', () => {
  it('cannot make a circle of parents together', async () => {
    for (let round = 0; round < 8; round++) {
      const [a, b, c] = [await acme.task(projectId), await acme.task(projectId), await acme.task(projectId)];
      expectStatus(await acme.owner.patch(`/tasks/${b.id}`, { parentId: c.id }), 200);
      const answers = await Promise.all([
        acme.owner.patch(`/tasks/${a.id}`, { parentId: b.id }),
        acme.owner.patch(`/tasks/${c.id}`, { parentId: a.id }),
      ]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
    }
  });

  it('never leave a task with somebody who was removed meanwhile', async () => {
    const visitor = await acme.join('Vic', 'member');
    const { id } = await acme.project('Revolving door');
    for (let round = 0; round < 6; round++) {
      expectStatus(await acme.owner.post(`/projects/${id}/members`, { userId: visitor.id }), 201);
      const task = await acme.task(id);
      await Promise.all([
        acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: visitor.id }),
        acme.owner.delete(`/projects/${id}/members/${visitor.id}`),
      ]);
      await eventually(async () => expect((await acme.owner.get(`/tasks/${task.id}`)).data.assigneeId).toBeNull());
    }
  });
});

describe('the subtasks of a deleted task', () => {
  it('stand for themselves', async () => {
    const parent = await acme.task(projectId);
    const child = await acme.task(projectId, { parentId: parent.id });
    expectStatus(await acme.owner.delete(`/tasks/${parent.id}`), 204);
    expect((await acme.owner.get(`/tasks/${child.id}`)).data.parentId).toBeNull();
  });
});
