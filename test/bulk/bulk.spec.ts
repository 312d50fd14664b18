import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
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

const bulk = (who: Person, operations: object[], mode?: string, headers = {}) =>
  who.post('/tasks/bulk', { operations, ...(mode ? { mode } : {}) }, headers);
const create = (title: string, more: object = {}) => ({ action: 'create', task: { projectId, title, ...more } });
const total = async (title: string) =>
  (await max.get(`/tasks?title=${encodeURIComponent(title)}&count=true`)).body.meta.total;

describe('operations on many tasks', () => {
  it('are done in their order, and each is told', async () => {
    const [a, b] = [await acme.task(projectId), await acme.task(projectId)];
    const gone = await acme.task(projectId);
    expectStatus(await max.delete(`/tasks/${gone.id}`), 204);
    const { data } = expectStatus(
      await bulk(max, [
        create('New', { status: 'in_progress', tags: ['x'] }),
        { action: 'update', id: a.id, version: 1, task: { title: 'Changed', tags: { add: ['y'] } } },
        { action: 'move', id: a.id, afterId: b.id, task: { status: 'done' } },
        { action: 'delete', id: b.id },
        { action: 'restore', id: gone.id },
      ]),
      200,
    );
    expect(data).toMatchObject({ mode: 'atomic', state: 'done', total: 5, done: 5, failed: 0, error: null });
    expect(data.results.map(({ id, version }: any) => [id, version]).slice(1, 4)).toEqual([
      [a.id, 2],
      [a.id, 4],
      [b.id, null],
    ]);
    expect((await max.get(`/tasks/${a.id}`)).data).toMatchObject({ title: 'Changed', tags: ['y'], status: 'done' });
    expect((await max.get(`/tasks/${b.id}`)).status).toBe(404);
    expectStatus(await max.get(`/tasks/${gone.id}`), 200);
  });

  it('are none of them done when one fails, and the fault is pointed to', async () => {
    const task = await acme.task(projectId);
    const answer = await bulk(max, [
      create('Half'),
      { action: 'update', id: task.id, task: { dueDate: '2026-01-01', startDate: '2026-02-01' } },
    ]);
    expect(answer).toMatchObject({
      status: 400,
      error: { code: 'validation_failed', details: [{ pointer: '/operations/1/task/dueDate', code: 'before_start' }] },
    });
    expect(await total('Half')).toBe(0);
    expect(await bulk(max, [create('Half'), { action: 'delete', id: newId() }])).toMatchObject({
      status: 404,
      error: { code: 'task_not_found', details: [{ pointer: '/operations/1' }] },
    });
    expect((await bulk(max, [{ action: 'update', id: task.id, version: 9, task: { title: 'x' } }])).status).toBe(412);
  });

  it('are done by themselves where that is wanted: what fails hinders nothing else', async () => {
    const mine = await acme.task(projectId, { assigneeId: mia.id });
    const others = await acme.task(projectId);
    const { data } = expectStatus(
      await bulk(
        mia,
        [
          { action: 'update', id: mine.id, task: { title: 'Mine' } },
          { action: 'update', id: others.id, task: { title: 'Not mine' } },
          { action: 'delete', id: mine.id },
          create('By itself'),
          { action: 'create', task: { title: 'Nowhere' } },
          { action: 'update', task: { title: 'Whose?' } },
          { action: 'update', id: mine.id, task: { projectId } },
        ],
        'each',
      ),
      200,
    );
    expect(data.results.map(({ status, error }: any) => [status, error?.code, error?.details[0].pointer])).toEqual([
      ['done', undefined, undefined],
      ['failed', 'permission_denied', '/operations/1'],
      ['failed', 'permission_denied', '/operations/2'],
      ['done', undefined, undefined],
      ['failed', 'validation_failed', '/operations/4/task/projectId'],
      ['failed', 'validation_failed', '/operations/5/id'],
      ['failed', 'validation_failed', '/operations/6/task/projectId'],
    ]);
    expect([data.done, data.failed]).toEqual([2, 5]);
    expect(await total('By itself')).toBe(1);
  });

  it('never wait for each other, in whatever order two people have chosen the same tasks', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 8; i += 1) ids.push((await acme.task(projectId)).id);
    const renaming = (order: string[], title: string) =>
      order.map((id) => ({ action: 'update', id, task: { title, parentId: null } }));
    const dragging = (order: string[]) => order.map((id) => ({ action: 'move', id, afterId: null }));
    const answers = await Promise.all([
      bulk(max, renaming(ids, 'Forth')),
      bulk(acme.owner, renaming(ids.toReversed(), 'Back')),
      bulk(max, [...renaming(ids.slice(0, 2), 'Both'), ...dragging(ids.slice(2))]),
      bulk(acme.owner, renaming(ids.toReversed(), 'Keyed'), 'each', { 'idempotency-key': newId() }),
      bulk(max, renaming(ids, 'Keyed too'), 'each', { 'idempotency-key': newId() }),
      ...ids.map((id) => acme.owner.put(`/tasks/${id}/position`, { beforeId: null })),
    ]);
    for (const answer of answers) expectStatus(answer, 200);
    const titles = await Promise.all(ids.map(async (id) => (await max.get(`/tasks/${id}`)).data.title));
    expect(titles.every((title) => ['Forth', 'Back', 'Both', 'Keyed', 'Keyed too'].includes(title))).toBe(true);
  });

  it('take a version where a single request would, and nothing that they would ignore', async () => {
    const task = await acme.task(projectId);
    expectStatus(await max.patch(`/tasks/${task.id}`, { title: 'Second' }), 200);
    const refusalOf = async (operation: object) => {
      const { status, error } = await bulk(max, [operation]);
      return [status, error.details[0]!.pointer];
    };
    const stale = { id: task.id, version: 1 };
    expect((await bulk(max, [{ action: 'move', ...stale, afterId: null }])).status).toBe(412);
    expect((await bulk(max, [{ action: 'restore', ...stale }])).status).toBe(412);
    expect(await refusalOf({ ...create('x'), id: task.id })).toEqual([400, '/operations/0/id']);
    expect(await refusalOf({ action: 'update', id: task.id, afterId: null, task: {} })).toEqual([
      400,
      '/operations/0/afterId',
    ]);
    expect(await refusalOf({ action: 'delete', id: task.id, task: {} })).toEqual([400, '/operations/0/task']);
    expect(await refusalOf({ action: 'move', id: task.id, afterId: null, task: { title: 'x' } })).toEqual([
      400,
      '/operations/0/task/title',
    ]);
  });

  it('are carried out once with an Idempotency-Key, also where some of them fail', async () => {
    const headers = { 'idempotency-key': newId() };
    const operations = [create('Repeated'), { action: 'delete', id: newId() }];
    const first = expectStatus(await bulk(max, operations, 'each', headers), 200).data;
    expect(expectStatus(await bulk(max, operations, 'each', headers), 200).data).toEqual(first);
    expect(await total('Repeated')).toBe(1);
  });

  it.each(['atomic', 'each'])(
    'are carried out in the background above a hundred, %s, for whoever ordered them',
    async (mode) => {
      const title = `Many ${mode}`;
      const operations = Array.from({ length: 130 }, () => create(title));
      const wrong = { action: 'delete', id: newId() };
      const ordered = expectStatus(await bulk(max, mode === 'each' ? [...operations, wrong] : operations, mode), 202);
      const path = ordered.headers.get('location')!.replace('/api/v1', '');
      expect(ordered.data.finishedAt).toBeNull();
      await eventually(async () => expect((await max.get(path)).data.state).toBe('done'), 30_000);
      expect(await total(title)).toBe(130);
      expect((await max.get(path)).data).toMatchObject(
        mode === 'each' ? { done: 130, failed: 1 } : { done: 130, failed: 0 },
      );
      expect((await acme.owner.get(path)).status).toBe(404);
    },
  );

  it('leave nothing when one of many fails in the background', async () => {
    const operations = [...Array.from({ length: 120 }, () => create('Undone')), { action: 'delete', id: newId() }];
    const { data } = expectStatus(await bulk(max, operations), 202);
    await eventually(async () => expect((await max.get(`/tasks/bulk/${data.id}`)).data.state).toBe('failed'), 30_000);
    expect((await max.get(`/tasks/bulk/${data.id}`)).data).toMatchObject({
      results: [],
      error: { code: 'task_not_found', details: [{ pointer: '/operations/120' }] },
    });
    expect(await total('Undone')).toBe(0);
  });

  it.each([
    ['nothing', { operations: [] }, '/operations'],
    ['no list', { operations: {} }, '/operations'],
    ['an unknown action', { operations: [{ action: 'destroy' }] }, '/operations/0/action'],
    [
      'a field that tasks do not have',
      { operations: [{ action: 'create', task: { owner: 1 } }] },
      '/operations/0/task/owner',
    ],
    ['too many', { operations: Array(2_001).fill({ action: 'restore', id: newId() }) }, '/operations'],
  ])('are refused with %s', async (_, body, pointer) => {
    const answer = await max.post('/tasks/bulk', body);
    expect(answer.status).toBe(400);
    expect(answer.error.details[0]!.pointer).toBe(pointer);
  });
});
