import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let max: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [mia, max] = [await acme.join('Mia', 'member'), await acme.join('Max', 'manager')];
});
afterAll(() => app.stop());

const project = (name: string) =>
  acme.project(name, [
    [mia, 'member'],
    [max, 'manager'],
  ]);

describe('the status of a project', () => {
  it('goes from planning over active to completed, and not any other way', async () => {
    const { id } = expectStatus(await acme.owner.post('/projects', { name: 'Flow', status: 'planning' }), 201).data;
    const to = (status: string) => acme.owner.patch(`/projects/${id}`, { status });
    const refused = await to('completed');
    expect(refused).toMatchObject({ status: 409, error: { code: 'project_status_refused' } });
    expect(refused.error.message).toContain('active, on_hold');
    for (const status of ['active', 'on_hold', 'active', 'completed']) expectStatus(await to(status), 200);
    expect((await to('on_hold')).status).toBe(409);
    expectStatus(await to('active'), 200);
  });
});

describe('an archived project', () => {
  it('is read and not changed, with all that is in it, and comes back as it was', async () => {
    const { id } = await project('Shelved');
    const task = await acme.task(id);
    const milestone = expectStatus(await max.post(`/projects/${id}/milestones`, { name: 'M' }), 201).data;
    expectStatus(await max.patch(`/projects/${id}`, { status: 'on_hold' }), 200);
    expect((await mia.put(`/projects/${id}/archive`)).status).toBe(403);
    expect(expectStatus(await max.put(`/projects/${id}/archive`), 200).data.status).toBe('archived');
    expectStatus(await max.put(`/projects/${id}/archive`), 200);
    expectStatus(await mia.get(`/tasks/${task.id}`), 200);
    const attempts = [
      max.patch(`/projects/${id}`, { name: 'x' }),
      max.patch(`/projects/${id}`, { status: 'active' }),
      max.post('/tasks', { projectId: id, title: 'x' }),
      max.patch(`/tasks/${task.id}`, { title: 'x' }),
      max.put(`/tasks/${task.id}/status`, { status: 'done' }),
      max.put(`/tasks/${task.id}/position`, { afterId: null }),
      max.delete(`/tasks/${task.id}`),
      mia.post(`/tasks/${task.id}/comments`, { body: 'x' }),
      max.post(`/projects/${id}/milestones`, { name: 'x' }),
      max.patch(`/milestones/${milestone.id}`, { name: 'x' }),
      acme.owner.post(`/projects/${id}/members`, { userId: mia.id }),
    ];
    for (const answer of await Promise.all(attempts))
      expect(answer).toMatchObject({ status: 409, error: { code: 'project_archived' } });
    const outsider = await acme.join('Otto', 'member');
    expect((await outsider.patch(`/tasks/${task.id}`, { title: 'x' })).status).toBe(404);
    expect((await outsider.put(`/tasks/${task.id}/watchers/${outsider.id}`)).status).toBe(404);
    expect(expectStatus(await max.delete(`/projects/${id}/archive`), 200).data.status).toBe('on_hold');
    expectStatus(await max.patch(`/tasks/${task.id}`, { title: 'x' }), 200);
  });
});

describe('a deleted project', () => {
  it('takes everything in it out of sight, and brings it back when it is restored', async () => {
    const { id } = await project('Mistake');
    const task = await acme.task(id, { title: 'Still here' });
    const milestone = expectStatus(await max.post(`/projects/${id}/milestones`, { name: 'M' }), 201).data;
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    for (const path of [`/tasks/${task.id}`, `/milestones/${milestone.id}`, `/projects/${id}/board`])
      expect((await acme.owner.get(path)).status).toBe(404);
    expect((await max.get('/projects/deleted')).status).toBe(403);
    const listed = expectStatus(await acme.owner.get('/projects/deleted?name=Mistake'), 200).data;
    expect(listed).toMatchObject([{ id, deletedAt: expect.any(String) }]);
    expect((await max.post(`/projects/${id}/restoration`)).status).toBe(403);
    expectStatus(await acme.owner.post(`/projects/${id}/restoration`), 200);
    expect((await mia.get(`/tasks/${task.id}`)).data).toEqual(task);
    expectStatus(await mia.get(`/milestones/${milestone.id}`), 200);
    expect((await acme.owner.post(`/projects/${task.id}/restoration`)).status).toBe(404);
  });

  it('belongs to a successor when its owner was deleted meanwhile', async () => {
    const paul = await acme.join('Paul', 'manager');
    const { id } = expectStatus(await paul.post('/projects', { name: 'Orphan' }), 201).data;
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    expectStatus(await acme.owner.delete(`/users/${paul.id}?reassignTo=${max.id}`), 204);
    await eventually(async () => {
      const restored = expectStatus(await acme.owner.post(`/projects/${id}/restoration`), 200).data;
      expect(restored.ownerId).not.toBe(paul.id);
    });
    const told = expectStatus(await acme.owner.get(`/projects/${id}/activity`), 200).data;
    expect(told.map(({ field, oldValue }: any) => [field, oldValue])).toEqual(
      expect.arrayContaining([
        ['ownerId', paul.id],
        ['role', 'manager'],
      ]),
    );
  });
});

describe('the settings of a project', () => {
  it('are the same in whatever order they are sent', async () => {
    const { id } = await project('Ordered');
    const settings = { zeta: 1, alpha: { two: 2, one: [1] } };
    expectStatus(await acme.owner.patch(`/projects/${id}`, { settings }), 200);
    const again = { alpha: { one: [1], two: 2 }, zeta: 1 };
    expect(expectStatus(await acme.owner.patch(`/projects/${id}`, { settings: again }), 200).data.version).toBe(2);
  });
});

describe('the activity of a project', () => {
  it('tells what happened to the plan, the people and the tasks, newest first, page by page', async () => {
    const { id } = await project('Busy');
    const task = await acme.task(id, { title: 'Work' });
    expectStatus(await max.put(`/tasks/${task.id}/status`, { status: 'in_progress' }), 200);
    expectStatus(await max.patch(`/tasks/${task.id}`, { description: 'long', dueDate: '2026-05-05' }), 200);
    expectStatus(await max.patch(`/projects/${id}`, { endDate: '2026-12-31' }), 200);
    expectStatus(await max.post(`/projects/${id}/milestones`, { name: 'M1', dueDate: '2026-06-01' }), 201);
    const comment = expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body: 'Nice' }), 201).data;
    // These have histories of their own, which are not shown here.
    expectStatus(await mia.patch(`/comments/${comment.id}`, { body: 'Nicer' }), 200);
    expectStatus(await mia.post(`/tasks/${task.id}/time-entries`, { date: '2026-05-04', hours: 1 }), 201);
    const told: string[] = [];
    let after = '';
    do {
      const page = expectStatus(await mia.get(`/projects/${id}/activity?limit=3${after}`), 200);
      for (const { subjectType, subjectName, field, newValue, actorName } of page.data)
        told.push([subjectType, subjectName, field, JSON.stringify(newValue), actorName].join(' | '));
      after = page.meta.nextCursor ? `&after=${page.meta.nextCursor}` : '';
    } while (after);
    expect(told.toReversed()).toEqual(
      expect.arrayContaining([
        'project | Busy | created | "Busy" | Olivia Owner',
        'member | Mia Tester | role | "member" | Olivia Owner',
        'task | Work | status | "todo" | Olivia Owner',
        'task | Work | status | "in_progress" | Max Tester',
        'task | Work | description | null | Max Tester',
        'task | Work | dueDate | "2026-05-05" | Max Tester',
        `task | Work | comments | ${JSON.stringify({ id: comment.id })} | Mia Tester`,
        'project | Busy | endDate | "2026-12-31" | Max Tester',
        'milestone | M1 | dueDate | "2026-06-01" | Max Tester',
      ]),
    );
    expect(told.length).toBe(new Set(told).size);
    expect(new Set(told.map((line) => line.split(' ')[0]))).toEqual(
      new Set(['project', 'member', 'task', 'milestone']),
    );
    const ofTask = expectStatus(await mia.get(`/projects/${id}/activity?subjectId=${task.id}`), 200).data;
    expect(ofTask).toHaveLength(5);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    const subjects = async (who: Person) => {
      const { data } = expectStatus(await who.get(`/projects/${id}/activity?limit=100`), 200);
      return data.map(({ subjectId }: { subjectId: string }) => subjectId);
    };
    expect(await subjects(mia)).not.toContain(task.id);
    expect(await subjects(max)).toContain(task.id);
    const outsider = await acme.join('Otto', 'member');
    expect((await outsider.get(`/projects/${id}/activity`)).status).toBe(404);
  });

  it('is destroyed with the task or the project that it is about', async () => {
    const { id } = await project('Short-lived');
    const [task, other] = [await acme.task(id), await acme.task(id)];
    const comment = expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body: 'one' }), 201).data;
    expectStatus(await mia.patch(`/comments/${comment.id}`, { body: 'two' }), 200);
    expectStatus(await mia.post(`/tasks/${task.id}/time-entries`, { date: '2026-05-04', hours: 1 }), 201);
    const sql = await sqlOf(app, acme);
    const kept = async () => {
      const rows = await sql(
        `SELECT DISTINCT entity_type FROM "@tenant".history WHERE project_id = $1 OR task_id IN ($2, $3) ORDER BY 1`,
        ...[id, task.id, other.id],
      );
      return rows.map(({ entity_type: type }) => type);
    };
    expect(await kept()).toEqual(['comment', 'member', 'project', 'task', 'time_entry']);
    await sql('DELETE FROM "@tenant".tasks WHERE id = $1', task.id);
    expect(await kept()).toEqual(['member', 'project', 'task']);
    await sql('DELETE FROM "@tenant".projects WHERE id = $1', id);
    expect(await kept()).toEqual([]);
  });
});
