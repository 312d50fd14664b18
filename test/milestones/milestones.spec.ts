import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
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

const add = async (name: string, dueDate?: string) =>
  expectStatus(await acme.owner.post(`/projects/${projectId}/milestones`, { name, dueDate }), 201).data;

describe('a milestone', () => {
  it('is created, changed, reached, reopened and deleted, and its tasks stay', async () => {
    const made = await add('Orbit', '2026-07-01');
    expect(made).toMatchObject({ name: 'Orbit', dueDate: '2026-07-01', completedAt: null, version: 1 });
    const path = `/milestones/${made.id}`;
    const task = await acme.task(projectId, { milestoneId: made.id });
    expect((await mia.patch(path, { name: 'Mine' })).status).toBe(403);
    expect((await acme.owner.patch(path, { name: 'Old' }, { 'if-match': '"7"' })).status).toBe(412);
    expect(expectStatus(await acme.owner.patch(path, { dueDate: null }), 200).data).toMatchObject({
      dueDate: null,
      version: 2,
    });
    const reached = expectStatus(await acme.owner.put(`${path}/completion`), 200).data;
    expect(reached.completedAt).not.toBeNull();
    expect(expectStatus(await acme.owner.put(`${path}/completion`), 200).data).toEqual(reached);
    expect(expectStatus(await acme.owner.delete(`${path}/completion`), 200).data.completedAt).toBeNull();
    expectStatus(await acme.owner.delete(path), 204);
    expect((await acme.owner.get(path)).status).toBe(404);
    await eventually(async () => expect((await mia.get(`/tasks/${task.id}`)).data.milestoneId).toBeNull());
  });

  it('tells how far its tasks are, and its ETag moves with them', async () => {
    const { id } = await add('Landing');
    const done = await acme.task(projectId, { milestoneId: id, estimatedHours: 3 });
    await acme.task(projectId, { milestoneId: id, estimatedHours: 1 });
    await acme.task(projectId, { milestoneId: id, estimatedHours: 9, status: 'cancelled' });
    const before = expectStatus(await mia.get(`/milestones/${id}`), 200);
    expect(before.data.progress).toEqual({ tasks: 2, done: 0, estimatedHours: 4, doneHours: 0, completion: 0 });
    const etag = before.headers.get('etag')!;
    expect((await mia.get(`/milestones/${id}`, { 'if-none-match': etag })).status).toBe(304);
    expectStatus(await acme.owner.put(`/tasks/${done.id}/status`, { status: 'done' }), 200);
    const after = expectStatus(await mia.get(`/milestones/${id}`, { 'if-none-match': etag }), 200);
    expect(after.data.progress).toEqual({ tasks: 2, done: 1, estimatedHours: 4, doneHours: 3, completion: 0.5 });
    expectStatus(
      await acme.owner.patch(`/milestones/${id}`, { name: 'Moon' }, { 'if-match': after.headers.get('etag')! }),
      200,
    );
  });

  it('is listed by its day, those without one last', async () => {
    const { id } = await acme.project('Ordered', [[mia, 'member']]);
    for (const [name, dueDate] of [
      ['never', null],
      ['late', '2027-01-01'],
      ['soon', '2026-01-01'],
    ])
      expectStatus(await acme.owner.post(`/projects/${id}/milestones`, { name, dueDate }), 201);
    const { data } = expectStatus(await mia.get(`/projects/${id}/milestones`), 200);
    expect(data.map(({ name }: any) => name)).toEqual(['soon', 'late', 'never']);
  });

  it('is found by its figures, by those who see them alone', async () => {
    const grants = ['project.read', 'task.read:assignee'];
    expectStatus(await acme.owner.post('/roles', { key: 'own-work', name: 'Own work', level: 10, grants }), 201);
    const gus = await acme.join('Gus', 'own-work');
    const { id } = await acme.project('Counted');
    const milestone = async (name: string) =>
      expectStatus(await acme.owner.post(`/projects/${id}/milestones`, { name }), 201).data.id;
    const [half, empty] = [await milestone('half'), await milestone('empty')];
    await acme.task(id, { milestoneId: half, status: 'done' });
    await acme.task(id, { milestoneId: half });
    const found = async (who: Person, filter: string) =>
      expectStatus(await who.get(`/projects/${id}/milestones?${filter}`), 200).data.map((each: any) => each.id);
    expect(await found(acme.owner, 'completion=0.5')).toEqual([half]);
    expect(await found(acme.owner, 'completion=null')).toEqual([empty]);
    expect(await found(acme.owner, 'sort=-completion')).toEqual([half, empty]);
    for (const filter of ['completion=0.5', 'tasks=2', 'done[gte]=1']) expect(await found(gus, filter)).toEqual([]);
    const shown = expectStatus(await gus.get(`/milestones/${half}`), 200).data;
    expect(shown.progress).toBeNull();
  });

  it('is found by the completion that is shown, also where that was rounded half up', async () => {
    const { id } = await acme.project('Rounded');
    const milestone = expectStatus(await acme.owner.post(`/projects/${id}/milestones`, { name: 'Far' }), 201).data.id;
    // 57 of 800 are 0.07125, which a binary fraction is slightly below of.
    const sql = await sqlOf(app, acme);
    await sql(
      `INSERT INTO "@tenant".tasks (id, project_id, milestone_id, title, status, status_category, priority, reporter_id, tags, position)
       SELECT gen_random_uuid(), $1, $2, 'Step ' || n, s.status, s.status, 'low', $3, '{}', 'v1' || lpad(n::text, 4, '0')
         FROM generate_series(1, 800) n CROSS JOIN LATERAL (SELECT CASE WHEN n <= 57 THEN 'done' ELSE 'todo' END AS status) s`,
      id,
      milestone,
      acme.owner.id,
    );
    const shown = expectStatus(await acme.owner.get(`/milestones/${milestone}`), 200).data.progress;
    expect(shown).toMatchObject({ tasks: 800, done: 57, completion: 0.0713 });
    const { data } = await acme.owner.get(`/projects/${id}/milestones?completion=${shown.completion}`);
    expect(data.map((each: any) => [each.id, each.progress.completion])).toEqual([[milestone, 0.0713]]);
  });

  it('belongs to the tasks of its own project alone', async () => {
    const { id } = await add('Ours');
    const task = await acme.task((await acme.project('Other')).id);
    expect(await acme.owner.patch(`/tasks/${task.id}`, { milestoneId: id })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/milestoneId', code: 'unknown_milestone' }] },
    });
  });
});
