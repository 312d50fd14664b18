import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer, type Client } from '../support/client.ts';
import { rowsOf } from '../support/rows-of.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { MONDAY, PlannedProject } from './scheduling.ts';

// No worker, so that rows which a dry run leaves alone, nobody else has changed.
let app: TestApp;
let acme: TestTenant;
let mia: Person;
let max: Person;
beforeAll(async () => {
  app = await startApp({ settings: { WORKER: 'false' } });
  acme = await signUp(app);
  [mia, max] = [await acme.join('Mia', 'member'), await acme.join('Max', 'member')];
});
afterAll(() => app.stop());

const schedule = (id: string, dryRun: boolean, client: Client = acme.owner, startOn = MONDAY): Promise<Answer> =>
  client.post(`/projects/${id}/schedule?dryRun=${dryRun}`, { startOn });

/** Two tasks behind each other, one of which is late, and one with dates alone. */
async function apollo(): Promise<PlannedProject> {
  const project = await PlannedProject.make(acme, {}, [
    [mia, 'member'],
    [max, 'manager'],
  ]);
  await project.task('First', 12, { startDate: '2035-01-01', dueDate: '2035-01-02' });
  await project.task('Second', 12, { dueDate: '2034-12-01', assigneeId: mia.id });
  await project.task('Third', undefined, { startDate: '2034-11-06', dueDate: '2034-11-08' });
  await project.link('Second', 'First');
  await project.link('Third', 'Second');
  return project;
}

const SECOND = {
  title: 'Second',
  before: { startDate: null, dueDate: '2034-12-01' },
  after: { startDate: '2035-01-02', dueDate: '2035-01-03' },
};
const THIRD = {
  title: 'Third',
  before: { startDate: '2034-11-06', dueDate: '2034-11-08' },
  after: { startDate: '2035-01-04', dueDate: '2035-01-08' },
};

describe('scheduling', () => {
  it('only tells what it would change, in a dry run', async () => {
    const project = await apollo();
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
    const before = await rowsOf(app.owner, rows[0].schema_name);
    const { data } = expectStatus(await schedule(project.id, true), 200);
    expect(data).toEqual({
      dryRun: true,
      startOn: MONDAY,
      changes: [
        { taskId: project.idOf('Second'), ...SECOND },
        { taskId: project.idOf('Third'), ...THIRD },
      ],
      criticalPath: ['First', 'Second', 'Third'].map((title) => project.idOf(title)),
      finish: '2035-01-08',
      warnings: [],
    });
    expect(before['tasks']!.length).toBeGreaterThan(2);
    expect(await rowsOf(app.owner, rows[0].schema_name)).toEqual(before);
  });

  it('writes dates, history, versions and events, and finds nothing to change the next time', async () => {
    const project = await apollo();
    const told = (await schedule(project.id, true)).data;
    const { data } = expectStatus(await schedule(project.id, false), 200);
    expect(data).toEqual({ ...told, dryRun: false });
    const second = expectStatus(await acme.owner.get(`/tasks/${project.idOf('Second')}`), 200).data;
    expect(second).toMatchObject({ ...SECOND.after, version: 2 });
    const history = (await acme.owner.get(`/tasks/${second.id}/history`)).data;
    expect(
      history
        .filter((entry: any) => entry.field.endsWith('Date'))
        .map((entry: any) => [entry.field, entry.oldValue, entry.newValue, entry.actorId])
        .sort(),
    ).toEqual([
      ['dueDate', '2034-12-01', '2035-01-03', acme.owner.id],
      ['startDate', null, '2035-01-02', acme.owner.id],
    ]);
    const { rows: events } = await app.owner.query(
      `SELECT payload FROM platform.outbox WHERE name = 'task.updated' AND payload->>'projectId' = $1 ORDER BY id`,
      [project.id],
    );
    expect(events.map(({ payload }) => [payload.taskId, payload.fields])).toEqual([
      [second.id, ['startDate', 'dueDate']],
      [project.idOf('Third'), ['startDate', 'dueDate']],
    ]);
    expect((await acme.owner.get(`/tasks/${project.idOf('First')}`)).data.version).toBe(1);
    const again = expectStatus(await schedule(project.id, false), 200).data;
    expect(again).toEqual({ ...data, changes: [] });
    expect((await acme.owner.get(`/tasks/${second.id}`)).data.version).toBe(2);
  });

  it('leaves alone what is done or cancelled, and begins where something began', async () => {
    const project = await PlannedProject.make(acme);
    const sql = await sqlOf(app, acme);
    await project.task('Done', 8, { status: 'done', startDate: '2034-01-02', dueDate: '2034-01-03' });
    await project.task('Cancelled', 800, { status: 'cancelled' });
    await project.task('Begun', 20, { status: 'in_progress' });
    await project.task('Used up', 20, { status: 'in_progress' });
    await project.task('Next', 8);
    await project.link('Next', 'Begun');
    await project.link('Next', 'Cancelled');
    await project.link('Begun', 'Done', { lagDays: 500 });
    const hours = `UPDATE "@tenant".tasks SET started_at = '2034-12-27 08:00Z', actual_hours = $2 WHERE id = $1`;
    await sql(hours, project.idOf('Begun'), 8);
    await sql(hours, project.idOf('Used up'), 24.5);
    const { tasks } = await project.timeline();
    expect(tasks.find((task: any) => task.title === 'Begun').work).toEqual({
      unit: 'hours',
      amount: 12,
      basis: 'remaining',
    });
    expect(tasks.find((task: any) => task.title === 'Cancelled')).toBeUndefined();
    const { changes } = expectStatus(await schedule(project.id, false), 200).data;
    expect(changes.map((change: any) => [change.title, change.after.startDate, change.after.dueDate])).toEqual([
      ['Used up', '2034-12-27', MONDAY],
      ['Begun', '2034-12-27', '2035-01-02'],
      ['Next', '2035-01-02', '2035-01-03'],
    ]);
    expect(expectStatus(await schedule(project.id, false), 200).data.changes).toEqual([]);
  });

  it('begins today, or when the project does', async () => {
    const project = await PlannedProject.make(acme, { startDate: '2036-02-04' });
    await project.task('Only', 8);
    const path = `/projects/${project.id}/schedule?dryRun=true`;
    expect(expectStatus(await acme.owner.post(path), 200).data).toMatchObject({
      startOn: '2036-02-04',
      finish: '2036-02-04',
    });
    expectStatus(await acme.owner.patch(`/projects/${project.id}`, { startDate: '2020-01-01' }), 200);
    const { startOn } = expectStatus(await acme.owner.post(path, {}), 200).data;
    expect(Math.abs(Date.parse(startOn) - Date.now())).toBeLessThan(2 * 86_400_000);
  });

  it('is for those who may change every task of the project', async () => {
    const project = await apollo();
    const outsider = await acme.join('Otto', 'member');
    const globex = await signUp(app);
    const who: [string, Client, number, number][] = [
      ['the owner', acme.owner, 200, 200],
      ['its manager', max, 200, 200],
      ['a member with a task in it', mia, 200, 403],
      ['an outsider', outsider, 404, 404],
      ['another organisation', globex.owner, 404, 404],
    ];
    for (const [name, client, read, written] of who) {
      expect([name, (await client.get(`/projects/${project.id}/timeline`)).status]).toEqual([name, read]);
      for (const dryRun of [true, false])
        expect([name, (await schedule(project.id, dryRun, client)).status]).toEqual([name, written]);
    }
    const scopes = ['project.read:member', 'task.read:assignee'];
    const { key } = expectStatus(await mia.post('/auth/api-keys', { name: 'Mine', scopes }), 201).data;
    const answer = await acme.visitor.get(`/projects/${project.id}/timeline`, { 'x-api-key': key });
    expect([answer.status, answer.error.code]).toEqual([403, 'permission_denied']);
  });

  it('refuses an archived project, but for a dry run, and questions that are none', async () => {
    const project = await apollo();
    expectStatus(await acme.owner.patch(`/projects/${project.id}`, { status: 'archived' }), 200);
    expect((await schedule(project.id, false)).error.code).toBe('project_archived');
    expectStatus(await schedule(project.id, true), 200);
    for (const query of ['?dryRun=yes', '?dry=true', '?dryRun=true&dryRun=true'])
      expect([query, (await acme.owner.post(`/projects/${project.id}/schedule${query}`, {})).status]).toEqual([
        query,
        400,
      ]);
    expect((await acme.owner.post(`/projects/${project.id}/schedule`, { startOn: '2035-02-30' })).status).toBe(400);
    expect((await acme.owner.get(`/projects/${project.id}/timeline?startOn=soon`)).status).toBe(400);
  });

  it('says where dates and what happened do not fit the plan', async () => {
    const project = await PlannedProject.make(acme);
    await project.task('Open', 8, { startDate: '2035-01-03', dueDate: '2035-01-04' });
    await project.task('Early', 8, { startDate: '2035-01-03', dueDate: '2035-01-08' });
    await project.task('Late', 24, { dueDate: '2035-01-02' });
    await project.task('Hasty', 8, { status: 'in_progress' });
    const contradicted = await project.link('Early', 'Open');
    const overtaken = await project.link('Hasty', 'Open');
    const { warnings } = await project.timeline();
    expect(warnings.map(({ code, taskId, dependencyId }: any) => [code, taskId, dependencyId])).toEqual([
      ['due_date_missed', project.idOf('Late'), null],
      ['dates_contradict_dependency', project.idOf('Early'), contradicted],
      ['out_of_sequence', project.idOf('Hasty'), overtaken],
    ]);
    const codes = expectStatus(await schedule(project.id, true), 200).data.warnings.map((each: any) => each.code);
    expect(codes).toEqual(['out_of_sequence']);
  });

  it('does not get stuck with those who change tasks and dependencies at the same time', async () => {
    const project = await PlannedProject.make(acme);
    const titles = Array.from({ length: 8 }, (_, i) => `Task ${i}`);
    for (const title of titles) await project.task(title, 8);
    const answers = await Promise.all(
      titles.flatMap((title, i) => [
        schedule(project.id, false),
        acme.owner.post(`/tasks/${project.idOf(title)}/dependencies`, {
          dependsOnTaskId: project.idOf(titles[(i + 1) % titles.length]!),
        }),
        acme.owner.patch(`/tasks/${project.idOf(title)}`, { estimatedHours: 4 }),
      ]),
    );
    const statuses = Object.groupBy(answers, ({ status }) => status);
    // The one that would close the circle.
    expect(statuses[409]).toHaveLength(1);
    expect(Object.keys(statuses).sort()).toEqual(['200', '201', '409']);
    expectStatus(await schedule(project.id, false), 200);
    const { tasks, warnings } = await project.timeline();
    expect(
      tasks.every((task: any) => task.startDate === task.earliestStart && task.dueDate === task.earliestFinish),
    ).toBe(true);
    expect([warnings, tasks.length]).toEqual([[], 8]);
  });

  it('refuses a plan of more than a hundred years', async () => {
    const project = await PlannedProject.make(acme);
    for (const title of ['A', 'B', 'C']) await project.task(title, 99_999);
    await project.link('B', 'A');
    await project.link('C', 'B');
    expect(await schedule(project.id, true)).toMatchObject({ status: 409, error: { code: 'plan_too_long' } });
    const small = await PlannedProject.make(acme);
    await small.task('Only', 16);
    expect((await schedule(small.id, true, acme.owner, '9998-12-31')).data.finish).toBe('9999-01-01');
    expect((await schedule(small.id, true, acme.owner, '9999-12-31')).status).toBe(400);
  });

  it('of 2,000 tasks at once, and of no more', async () => {
    const project = await PlannedProject.make(acme);
    const sql = await sqlOf(app, acme);
    const add = (from: number, to: number) =>
      sql(
        `INSERT INTO "@tenant".tasks (id, project_id, title, status, status_category, priority, reporter_id, position)
         SELECT gen_random_uuid(), $1, 'Task ' || n, 'todo', 'todo', 'medium', $2, 'w' || lpad(n::text, 9, '0') FROM generate_series($3::int, $4::int) n`,
        project.id,
        acme.owner.id,
        from,
        to,
      );
    await add(1, 2_000);
    expect(expectStatus(await schedule(project.id, false), 200).data.changes).toHaveLength(2_000);
    const written = await sql(
      `SELECT count(*)::int AS tasks FROM "@tenant".tasks WHERE project_id = $1 AND start_date = $2 AND due_date = $2 AND version = 2`,
      project.id,
      MONDAY,
    );
    expect(written).toEqual([{ tasks: 2_000 }]);
    await add(2_001, 2_001);
    expect(await schedule(project.id, false)).toMatchObject({ status: 409, error: { code: 'too_many_tasks' } });
    expectStatus(await schedule(project.id, true), 200);
  });
});
