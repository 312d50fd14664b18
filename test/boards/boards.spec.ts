import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
});
afterAll(() => app.stop());

const status = (key: string, category: string, more: object = {}) => ({
  key,
  name: key.toUpperCase(),
  category,
  ...more,
});
const LAB = [
  status('idea', 'todo'),
  status('lab', 'doing', { wipLimit: 2, wipMode: 'refuse' }),
  status('field', 'doing', { wipLimit: 1 }),
  status('proved', 'done'),
];

async function project(workflow?: object): Promise<string> {
  const { id } = await acme.project('Science', [[mia, 'member']]);
  if (workflow) expectStatus(await acme.owner.put(`/projects/${id}/workflow`, workflow), 200);
  return id;
}

const move = (id: string, to: string) => acme.owner.put(`/tasks/${id}/status`, { status: to });

describe('the workflow of a project', () => {
  it('has a version of its own, which neither the project nor its time rules change, nor it theirs', async () => {
    const id = await project();
    const before = expectStatus(await acme.owner.get(`/projects/${id}`), 200).data;
    const { statuses } = expectStatus(await acme.owner.get(`/projects/${id}/workflow`), 200).data;
    expectStatus(await acme.owner.put(`/projects/${id}/workflow`, { statuses: statuses.slice(0, 4) }), 200);
    expectStatus(await acme.owner.put(`/projects/${id}/time-rules`, { roundTo: 15, mode: 'up' }), 200);
    expect(expectStatus(await acme.owner.get(`/projects/${id}`), 200).data).toEqual(before);
    const renamed = await acme.owner.patch(`/projects/${id}`, { name: 'Renamed' }, { 'if-match': '"1"' });
    expect(expectStatus(renamed, 200).data.version).toBe(2);
    const cached = { 'if-none-match': '"1"' };
    expect((await acme.owner.get(`/projects/${id}/workflow`, cached)).status).toBe(304);
    expect((await acme.owner.get(`/projects/${id}/time-rules`)).data).toEqual({ roundTo: 15, mode: 'up' });
  });

  it('is the same for all until it is given its own, which new tasks start in', async () => {
    const id = await project();
    const first = expectStatus(await mia.get(`/projects/${id}/workflow`), 200);
    expect(first.data.statuses.map((each: any) => [each.key, each.category])).toEqual([
      ['todo', 'todo'],
      ['in_progress', 'doing'],
      ['in_review', 'doing'],
      ['done', 'done'],
      ['cancelled', 'cancelled'],
    ]);
    expect(first.headers.get('etag')).toBe('"0"');
    const body = { statuses: LAB, transitions: [{ from: 'idea', to: 'lab' }] };
    const given = expectStatus(await acme.owner.put(`/projects/${id}/workflow`, body, { 'if-match': '"0"' }), 200).data;
    expect(given).toMatchObject({ version: 1, transitions: body.transitions });
    expect(given.statuses[0]).toEqual({ ...LAB[0], wipLimit: null, wipMode: 'warn' });
    expect((await acme.owner.put(`/projects/${id}/workflow`, body, { 'if-match': '"0"' })).status).toBe(412);
    expect((await mia.put(`/projects/${id}/workflow`, body)).status).toBe(403);
    expect(await acme.task(id)).toMatchObject({ status: 'idea', statusCategory: 'todo' });
    expect(await acme.owner.post('/tasks', { projectId: id, title: 'x', status: 'todo' })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/status', code: 'unknown_status' }] },
    });
  });

  it('leads only where its transitions lead, and says where that is', async () => {
    const transitions = [
      { from: 'idea', to: 'lab' },
      { from: 'lab', to: 'proved' },
    ];
    const id = await project({ statuses: LAB, transitions });
    const task = await acme.task(id);
    const refused = await move(task.id, 'proved');
    expect(refused).toMatchObject({ status: 409, error: { code: 'transition_refused' } });
    expect(refused.error.message).toContain('lab');
    expectStatus(await move(task.id, 'lab'), 200);
    expect(expectStatus(await move(task.id, 'proved'), 200).data).toMatchObject({ completedAt: expect.any(String) });
    expect((await move(task.id, 'lab')).error.code).toBe('transition_refused');
  });

  it('warns of a status that is too full, or lets nobody in, also when many come at once', async () => {
    const id = await project({ statuses: LAB });
    const [first, second] = [await acme.task(id, { status: 'field' }), await acme.task(id)];
    expect(first['warnings']).toBeUndefined();
    expect(expectStatus(await move(second.id, 'field'), 200).data.warnings).toMatchObject([{ code: 'wip_limit' }]);
    const tasks = await Promise.all(Array.from({ length: 12 }, () => acme.task(id)));
    const answers = await Promise.all([
      ...tasks.map((task) => move(task.id, 'lab')),
      ...tasks.map(() => acme.owner.post('/tasks', { projectId: id, title: 'x', status: 'lab' })),
    ]);
    const refused = answers.filter((answer) => answer.status === 409);
    expect(refused.map((answer) => answer.error?.code)).toEqual(Array(22).fill('wip_limit_reached'));
    const board = expectStatus(await mia.get(`/projects/${id}/board`), 200).data;
    expect(board.columns.find((column: any) => column.status.key === 'lab').total).toBe(2);
  });

  it('moves the tasks of a status that it loses where it is told, and says when it was not', async () => {
    const id = await project({ statuses: LAB });
    const [left, stays] = [await acme.task(id, { status: 'lab' }), await acme.task(id, { status: 'field' })];
    const statuses = [LAB[0], status('field', 'done'), LAB[3]];
    expect(await acme.owner.put(`/projects/${id}/workflow`, { statuses })).toMatchObject({
      status: 409,
      error: { code: 'status_in_use', details: [{ pointer: '/moveTasks/lab' }] },
    });
    expect(await acme.owner.put(`/projects/${id}/workflow`, { statuses, moveTasks: { lab: 'gone' } })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/moveTasks/lab', code: 'unknown_status' }] },
    });
    expectStatus(await acme.owner.put(`/projects/${id}/workflow`, { statuses, moveTasks: { lab: 'proved' } }), 200);
    expect((await acme.owner.get(`/tasks/${left.id}`)).data).toMatchObject({
      status: 'proved',
      statusCategory: 'done',
      completedAt: expect.any(String),
      version: 2,
    });
    expect((await acme.owner.get(`/tasks/${stays.id}`)).data).toMatchObject({
      status: 'field',
      statusCategory: 'done',
    });
    const history = (await acme.owner.get(`/tasks/${left.id}/history`)).data;
    expect(history.map((entry: any) => [entry.field, entry.oldValue, entry.newValue])).toEqual([
      ['status', null, 'lab'],
      ['status', 'lab', 'proved'],
    ]);
  });

  it('never loses a task that moves while it is replaced', async () => {
    const id = await project({ statuses: LAB.map(({ key, name, category }) => ({ key, name, category })) });
    const tasks = await Promise.all(Array.from({ length: 10 }, () => acme.task(id)));
    const fewer = { statuses: [LAB[0], LAB[3]], moveTasks: { lab: 'proved', field: 'proved' } };
    const [replaced, ...moves] = await Promise.all([
      acme.owner.put(`/projects/${id}/workflow`, fewer),
      ...tasks.map(({ id: taskId }) => move(taskId, 'field')),
    ]);
    expectStatus(replaced, 200);
    for (const { status: code } of moves) expect([200, 400]).toContain(code);
    const board = (await acme.owner.get(`/projects/${id}/board`)).data;
    expect(board.columns.reduce((sum: number, column: any) => sum + column.total, 0)).toBe(10);
  });

  it.each([
    ['no status to end in', { statuses: [status('a', 'todo'), status('b', 'doing')] }, 'category_missing'],
    ['a key twice', { statuses: [status('a', 'todo'), status('a', 'done')] }, 'repeated'],
    ['an entry that is none', { statuses: [7, status('a', 'done')] }, undefined],
    ['a key that every object has', { statuses: [status('constructor', 'todo'), status('b', 'done')] }, 'pattern'],
    ['a limit of nothing', { statuses: [status('a', 'todo', { wipLimit: 0 }), status('b', 'done')] }, 'whole'],
  ])('is refused with %s', async (_, body, code) => {
    const answer = await acme.owner.put(`/projects/${await project()}/workflow`, body);
    expect(answer.status).toBe(400);
    if (code) expect(answer.error.details[0]!.code).toBe(code);
  });
});

describe('the board', () => {
  it('shows each status with its first tasks as they stand, and how many there are', async () => {
    const id = await project();
    for (let i = 0; i < 3; i += 1) await acme.task(id, { title: `T${i}` });
    await acme.task(id, { title: 'Doing', status: 'in_progress' });
    const { columns } = expectStatus(await mia.get(`/projects/${id}/board?limit=2`), 200).data;
    expect(columns.map((one: any) => [one.status.key, one.total, one.tasks.map((task: any) => task.title)])).toEqual([
      ['todo', 3, ['T0', 'T1']],
      ['in_progress', 1, ['Doing']],
      ['in_review', 0, []],
      ['done', 0, []],
      ['cancelled', 0, []],
    ]);
    expect((await mia.get(`/projects/${id}/board?limit=101`)).status).toBe(400);
    expect((await mia.get(`/projects/${id}/board?size=1`)).status).toBe(400);
    const outsider = await acme.join('Otto', 'member');
    expect((await outsider.get(`/projects/${id}/board`)).status).toBe(404);
  });

  it('shows and counts what is looked for', async () => {
    const id = await project();
    await acme.task(id, { title: 'Engine', assigneeId: mia.id });
    await acme.task(id, { title: 'Engine room', status: 'in_progress', assigneeId: mia.id, priority: 'high' });
    await acme.task(id, { title: 'Engine of others' });
    await acme.task(id, { title: 'Sails', assigneeId: mia.id });
    const board = async (query: string) =>
      expectStatus(await mia.get(`/projects/${id}/board?${query}`), 200).data.columns.flatMap((one: any) =>
        one.total > 0 ? [[one.status.key, one.total, ...one.tasks.map((task: any) => task.title)]] : [],
      );
    expect(await board('assigneeId=me&q=engine')).toEqual([
      ['todo', 1, 'Engine'],
      ['in_progress', 1, 'Engine room'],
    ]);
    expect(await board('assigneeId=me&limit=1')).toEqual([
      ['todo', 2, 'Engine'],
      ['in_progress', 1, 'Engine room'],
    ]);
    expect(await board(`filter=${encodeURIComponent('{"or":[{"priority":"high"},{"title":"Sails"}]}')}`)).toEqual([
      ['todo', 1, 'Sails'],
      ['in_progress', 1, 'Engine room'],
    ]);
    expect(await board('priority=urgent')).toEqual([]);
    const sorted = await mia.get(`/projects/${id}/board?sort=title&assigneeId=nobody`);
    expect(expectStatus(sorted, 400).error.details.map(({ pointer }: any) => pointer)).toEqual([
      '?sort',
      '?assigneeId',
    ]);
  });
});
