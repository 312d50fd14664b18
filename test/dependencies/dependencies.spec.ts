import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
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

/** One after the other, so that lists have them in this order. */
async function tasks(...titles: string[]) {
  const made: { id: string }[] = [];
  for (const title of titles) made.push(await acme.task(projectId, { title }));
  return made;
}

const add = (task: { id: string }, on: { id: string }, fields: object = {}, by: Client = acme.owner) =>
  by.post(`/tasks/${task.id}/dependencies`, { dependsOnTaskId: on.id, ...fields });
const added = async (task: { id: string }, on: { id: string }, fields: object = {}) =>
  expectStatus(await add(task, on, fields), 201).data;
const listed = async (task: { id: string }, query = '', by: Client = acme.owner) =>
  expectStatus(await by.get(`/tasks/${task.id}/dependencies${query}`), 200).data;

describe('a dependency', () => {
  it('is finish to start without a lag, and is seen from both ends', async () => {
    const [wall, roof] = await tasks('Wall', 'Roof');
    const made = expectStatus(await add(roof!, wall!), 201);
    expect(made.data).toMatchObject({
      taskId: roof!.id,
      dependsOnTaskId: wall!.id,
      type: 'finish_to_start',
      lagHours: 0,
      lagDays: null,
      direction: 'blocked_by',
      isBlocked: true,
      task: { id: wall!.id, title: 'Wall', statusCategory: 'todo' },
      version: 1,
    });
    const location = made.headers.get('location')!;
    expect(location).toBe(`/api/v1/tasks/${roof!.id}/dependencies/${made.data.id}`);
    expect((await acme.owner.get(location)).data).toEqual(made.data);
    expect(await listed(roof!)).toEqual([made.data]);
    expect(await listed(wall!)).toEqual([
      { ...made.data, direction: 'blocks', task: expect.objectContaining({ id: roof!.id, title: 'Roof' }) },
    ]);
  });

  it('has one of four types, with a lag in hours or in working days', async () => {
    const [before, after] = await tasks('Before', 'After');
    const made = await added(after!, before!, { type: 'start_to_finish', lagHours: -1.25 });
    expect(made).toMatchObject({ type: 'start_to_finish', lagHours: -1.25, lagDays: null });
    const path = `/tasks/${after!.id}/dependencies/${made.id}`;
    const changed = expectStatus(
      await acme.owner.patch(path, { type: 'finish_to_finish', lagDays: -2 }, { 'if-match': '"1"' }),
      200,
    ).data;
    expect(changed).toMatchObject({ type: 'finish_to_finish', lagHours: null, lagDays: -2, version: 2 });
    expect((await acme.owner.patch(path, { lagHours: 1 }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await acme.owner.patch(path, { lagDays: -2 })).data).toEqual(changed);
    expect((await acme.owner.delete(path, { 'if-match': '"1"' })).status).toBe(412);
    // From the other end as well.
    expectStatus(await acme.owner.delete(`/tasks/${before!.id}/dependencies/${made.id}`, { 'if-match': '"2"' }), 204);
    expect((await acme.owner.get(path)).error.code).toBe('dependency_not_found');
  });

  it('is filtered by its direction and its type', async () => {
    const [a, b, c] = await tasks('A', 'B', 'C');
    await added(b!, a!, { type: 'start_to_start' });
    await added(c!, b!);
    const seen = async (query: string) => (await listed(b!, query)).map((each: any) => each.task.title);
    expect(await seen('')).toEqual(['A', 'C']);
    expect(await seen('?direction=blocked_by')).toEqual(['A']);
    expect(await seen('?direction=blocks')).toEqual(['C']);
    expect(await seen('?type=start_to_start')).toEqual(['A']);
    expect(await seen('?type=start_to_finish')).toEqual([]);
    expect((await acme.owner.get(`/tasks/${b!.id}/dependencies?direction=up`)).status).toBe(400);
  });

  it('is in the history of the task that waits, from its first day to its last', async () => {
    const [a, b] = await tasks('A', 'B');
    const { id } = await added(b!, a!);
    expectStatus(await acme.owner.patch(`/tasks/${b!.id}/dependencies/${id}`, { lagHours: 2.5 }), 200);
    expectStatus(await acme.owner.delete(`/tasks/${b!.id}/dependencies/${id}`), 204);
    const history = expectStatus(await acme.owner.get(`/tasks/${b!.id}/history?field=dependencies`), 200).data;
    const value = (lagHours: number) => ({
      dependsOnTaskId: a!.id,
      type: 'finish_to_start',
      lagHours,
      lagDays: null,
    });
    expect(history.map((each: any) => [each.oldValue, each.newValue, each.actorId])).toEqual([
      [null, value(0), acme.owner.id],
      [value(0), value(2.5), acme.owner.id],
      [value(2.5), null, acme.owner.id],
    ]);
    expect((await acme.owner.get(`/tasks/${a!.id}/history?field=dependencies`)).data).toEqual([]);
  });

  it('is refused with what is wrong at its field', async () => {
    const [a, b] = await tasks('A', 'B');
    const elsewhere = await acme.task((await acme.project('Gemini')).id);
    const globex = await signUp(app);
    const theirs = await globex.task((await globex.project('Globe')).id);
    const wrong: [object, string, string][] = [
      [{ dependsOnTaskId: elsewhere.id }, '/dependsOnTaskId', 'other_project'],
      [{ dependsOnTaskId: theirs.id }, '/dependsOnTaskId', 'unknown_task'],
      [{ dependsOnTaskId: a!.id, lagHours: 1, lagDays: 1 }, '/lagDays', 'exclusive'],
      [{ dependsOnTaskId: a!.id, lagHours: 0.001 }, '/lagHours', 'amount'],
      [{ dependsOnTaskId: a!.id, lagDays: 0.5 }, '/lagDays', 'whole'],
      [{ dependsOnTaskId: a!.id, type: 'sideways' }, '/type', 'choice'],
    ];
    for (const [body, pointer, code] of wrong)
      expect(await acme.owner.post(`/tasks/${b!.id}/dependencies`, body)).toMatchObject({
        status: 400,
        error: { details: [{ pointer, code }] },
      });
    expect(await listed(b!)).toEqual([]);
  });

  it('is there once for a pair of tasks, whatever its type', async () => {
    const [a, b] = await tasks('A', 'B');
    await added(b!, a!);
    expect(await add(b!, a!, { type: 'start_to_start' })).toMatchObject({
      status: 409,
      error: { code: 'dependency_exists' },
    });
    expect(await add(a!, b!, { type: 'start_to_start' })).toMatchObject({
      status: 409,
      error: { code: 'dependency_cycle' },
    });
  });

  it('stays as it is in an archived project, where it is read still', async () => {
    const project = await acme.project('Mercury');
    const [a, b, c] = [await acme.task(project.id), await acme.task(project.id), await acme.task(project.id)];
    const { id } = await added(b, a);
    expectStatus(await acme.owner.put(`/projects/${project.id}/archive`), 200);
    const path = `/tasks/${b.id}/dependencies/${id}`;
    for (const attempt of [add(c, b), acme.owner.patch(path, { lagDays: 1 }), acme.owner.delete(path)])
      expect((await attempt).error.code).toBe('project_archived');
    expect(await listed(b)).toHaveLength(1);
  });

  it('needs task.update on the one that waits, and that both may be seen', async () => {
    const [mine, other] = [
      await acme.task(projectId, { title: 'Mine', assigneeId: mia.id }),
      (await tasks('Other'))[0]!,
    ];
    expect((await add(other, mine, {}, mia)).status).toBe(403);
    const { id } = expectStatus(await add(mine, other, {}, mia), 201).data;
    expectStatus(await mia.patch(`/tasks/${other.id}/dependencies/${id}`, { lagHours: 1 }), 200);
    const back = await added((await tasks('Third'))[0]!, mine);
    expect((await mia.patch(`/tasks/${mine.id}/dependencies/${back.id}`, { lagHours: 1 })).status).toBe(403);
    expect((await mia.delete(`/tasks/${mine.id}/dependencies/${back.id}`)).status).toBe(403);
    const outsider = await acme.join('Otto', 'member');
    expect((await outsider.get(`/tasks/${mine.id}/dependencies`)).error.code).toBe('task_not_found');
    expect((await outsider.get(`/projects/${projectId}/blocked-tasks`)).error.code).toBe('project_not_found');
  });
});

describe('whoever sees only what is theirs', () => {
  it('is neither shown nor counted what depends on the rest', async () => {
    const scopes = ['project.read:member', 'task.read:assignee', 'task.update:assignee'];
    const { key } = expectStatus(await mia.post('/auth/api-keys', { name: 'Mine', scopes }), 201).data;
    const byKey = acme.visitor.with({ 'x-api-key': key });
    const project = await acme.project('Skylab', [[mia, 'member']]);
    const task = (title: string, assigneeId: string | null) => acme.task(project.id, { title, assigneeId });
    const [mine, hidden, next, beyond] = [
      await task('Mine', mia.id),
      await task('Hidden', null),
      await task('Next', mia.id),
      await task('Beyond', mia.id),
    ];
    const toHidden = await added(mine, hidden);
    await added(hidden, beyond);
    await added(next, mine);
    expect((await listed(mine, '', byKey)).map((each: any) => each.task.title)).toEqual(['Next']);
    expect((await byKey.get(`/tasks/${mine.id}/dependencies/${toHidden.id}`)).status).toBe(404);
    expect((await byKey.delete(`/tasks/${mine.id}/dependencies/${toHidden.id}`)).status).toBe(404);
    const graph = expectStatus(await byKey.get(`/tasks/${mine.id}/dependency-graph`), 200).data;
    expect(graph.nodes.map((node: any) => node.title).sort()).toEqual(['Mine', 'Next']);
    expect(graph.edges).toHaveLength(1);
    const blocked = expectStatus(await byKey.get(`/projects/${project.id}/blocked-tasks?count=true`), 200);
    expect([blocked.data.map((each: any) => each.title), blocked.meta.total]).toEqual([['Next'], 1]);
    const whole = expectStatus(await mia.get(`/projects/${project.id}/blocked-tasks`), 200).data;
    expect(whole.map((each: any) => [each.title, each.blockers])).toEqual([
      ['Mine', 1],
      ['Hidden', 1],
      ['Next', 1],
    ]);
    expect(await add(mine, hidden, {}, byKey)).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/dependsOnTaskId', code: 'unknown_task' }] },
    });
    const cycle = await add(beyond, mine, {}, byKey);
    expect(cycle.error.code).toBe('dependency_cycle');
    expect(JSON.stringify(cycle.body)).not.toContain('Hidden');
    expect(JSON.stringify(cycle.body)).not.toContain(hidden.id);
  });
});

describe('a task is blocked', () => {
  it('until the predecessor is done, or has begun where the type speaks of its start', async () => {
    const [first, ...rest] = await tasks('First', 'Start', 'Together', 'End', 'Swap');
    const types = ['finish_to_start', 'start_to_start', 'finish_to_finish', 'start_to_finish'];
    for (const [i, type] of types.entries()) await added(rest[i]!, first!, { type });
    const blocked = async () => (await listed(first!)).map((each: any) => each.isBlocked);
    expect(await blocked()).toEqual([true, true, true, true]);
    expectStatus(await acme.owner.put(`/tasks/${first!.id}/status`, { status: 'in_progress' }), 200);
    expect(await blocked()).toEqual([true, false, true, false]);
    const path = `/projects/${projectId}/blocked-tasks?limit=100`;
    const names = async () =>
      expectStatus(await acme.owner.get(path), 200)
        .data.filter((each: any) => rest.some(({ id }) => id === each.id))
        .map((each: any) => each.title);
    expect(await names()).toEqual(['Start', 'End']);
    expectStatus(await acme.owner.put(`/tasks/${rest[0]!.id}/status`, { status: 'cancelled' }), 200);
    expect(await blocked()).toEqual([false, false, true, false]);
    expectStatus(await acme.owner.put(`/tasks/${first!.id}/status`, { status: 'done' }), 200);
    expect(await blocked()).toEqual([false, false, false, false]);
    expect(await names()).toEqual([]);
  });
});
