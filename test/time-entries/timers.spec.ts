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

const start = (person: Person, taskId: string, body: object = {}) =>
  person.post(`/tasks/${taskId}/time-entries/start`, body);
const stop = (person: Person, id: string, body: object = {}) => person.post(`/time-entries/${id}/stop`, body);
const HOUR_MS = 3_600_000;

async function member(name: string): Promise<Person> {
  const person = await acme.join(name, 'member');
  expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: person.id }), 201);
  return person;
}

/** As if the timer had been started so long ago. */
async function backdate(person: Person, id: string, hours: number): Promise<void> {
  const startedAt = new Date(Date.now() - hours * HOUR_MS).toISOString();
  expectStatus(await person.patch(`/time-entries/${id}`, { startedAt }), 200);
}

describe('a timer', () => {
  it('is started on a task, runs, and is stopped, once', async () => {
    const task = await acme.task(projectId);
    expect((await mia.get('/time-entries/running')).error.code).toBe('timer_not_found');
    const started = expectStatus(await start(mia, task.id, { note: 'Hull', billable: true }), 201);
    expect(started.headers.get('location')).toBe(`/api/v1/time-entries/${started.data.id}`);
    expect(started.data).toMatchObject({
      taskId: task.id,
      projectId,
      userId: mia.id,
      running: true,
      endedAt: null,
      minutes: null,
      roundedMinutes: null,
      note: 'Hull',
      billable: true,
      source: 'timer',
      version: 1,
    });
    expect((await mia.get('/time-entries/running')).data).toEqual(started.data);
    await backdate(mia, started.data.id, 1.5);
    const stopped = expectStatus(await stop(mia, started.data.id), 200).data;
    expect(stopped).toMatchObject({ running: false, minutes: 90, roundedMinutes: 90, version: 3 });
    expect((await stop(mia, started.data.id)).error.code).toBe('timer_stopped');
    expect((await mia.get('/time-entries/running')).status).toBe(404);
    expect((await mia.get(`/tasks/${task.id}`)).data.actualHours).toBe(1.5);
  });

  it('is one a person: of twenty that are started at once, one runs and the others are told which', async () => {
    const tom = await member('Tom');
    const tasks = await Promise.all(Array.from({ length: 20 }, () => acme.task(projectId)));
    const answers = await Promise.all(tasks.map(({ id }) => start(tom, id)));
    const [running] = answers.filter(({ status }) => status === 201);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
    for (const { error } of answers.filter(({ status }) => status === 409)) {
      expect(error.code).toBe('timer_running');
      expect(error.message).toContain(running!.data.id);
    }
    expect((await tom.get('/time-entries/running')).data.id).toBe(running!.data.id);
    // Whatever the code does, the database keeps a second one out.
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [acme.id]);
    const second = app.owner.query(
      `INSERT INTO "${rows[0].schema_name}".time_entries (id, task_id, project_id, user_id, day, started_at, by_day, billable, source)
       VALUES (gen_random_uuid(), $1, $2, $3, current_date, now(), false, false, 'timer')`,
      [tasks[0]!.id, projectId, tom.id],
    );
    await expect(second).rejects.toMatchObject({ code: '23505', constraint: 'time_entries_running' });
  });

  it('gives way to the next one at the same moment, also when two are started so at once', async () => {
    const kim = await member('Kim');
    const [first, second, third] = [await acme.task(projectId), await acme.task(projectId), await acme.task(projectId)];
    const before = expectStatus(await start(kim, first.id), 201).data;
    const answers = await Promise.all([second, third].map(({ id }) => start(kim, id, { stopRunning: true })));
    for (const answer of answers) expectStatus(answer, 201);
    const { data } = expectStatus(await kim.get('/time-entries?sort=startedAt,createdAt'), 200);
    expect(data.map((each: any) => each.running)).toEqual([false, false, true]);
    expect(data[0].id).toBe(before.id);
    expect(data[0].endedAt <= data[1].startedAt && data[1].endedAt <= data[2].startedAt).toBe(true);
    // Refused, it leaves the one that runs alone.
    const running = (await kim.get('/time-entries/running')).data;
    const nowhere = await start(kim, acme.id, { stopRunning: true });
    expect([nowhere.status, nowhere.error.code]).toEqual([404, 'task_not_found']);
    expect((await kim.get('/time-entries/running')).data).toEqual(running);
  });

  it('that was forgotten ends when its person says, or a day after its start', async () => {
    const lee = await member('Lee');
    const task = await acme.task(projectId);
    const { id } = expectStatus(await start(lee, task.id), 201).data;
    await backdate(lee, id, 5);
    const at = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
    expect((await stop(lee, id, { endedAt: at(6) })).error.details[0]!.code).toBe('before_start');
    expect((await stop(lee, id, { endedAt: at(-1) })).error.details[0]!.code).toBe('in_future');
    expect((await lee.patch(`/time-entries/${id}`, { minutes: 10 })).error.code).toBe('timer_running');
    expect(expectStatus(await stop(lee, id, { endedAt: at(3) }), 200).data.minutes).toBe(120);
    const next = expectStatus(await start(lee, task.id), 201).data.id;
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [acme.id]);
    const forgotten = `UPDATE "${rows[0].schema_name}".time_entries SET started_at = now() - interval '3 days' WHERE id = $1`;
    await app.owner.query(forgotten, [next]);
    expect(expectStatus(await stop(lee, next), 200).data.minutes).toBe(1_440);
  });

  it('can be stopped whatever became of its task, and by those who manage time', async () => {
    const sam = await member('Sam');
    const max = await member('Max');
    const task = await acme.task(projectId);
    const { id } = expectStatus(await start(sam, task.id), 201).data;
    expect((await stop(max, id)).error.code).toBe('time_entry_not_found');
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expectStatus(await acme.owner.delete(`/projects/${projectId}/members/${sam.id}`), 204);
    expectStatus(await stop(sam, id), 200);
    const other = expectStatus(await start(max, (await acme.task(projectId)).id), 201).data.id;
    expectStatus(await stop(acme.owner, other), 200);
    const history = (await max.get(`/time-entries/${other}/history`)).data;
    expect(history.find((each: any) => each.field === 'endedAt').actorId).toBe(acme.owner.id);
  });

  it('stops when its person is deactivated or deleted', async () => {
    const [ann, ben] = [await member('Ann'), await member('Ben')];
    const task = await acme.task(projectId);
    const running = [
      expectStatus(await start(ann, task.id), 201).data.id,
      expectStatus(await start(ben, task.id), 201).data.id,
    ];
    expectStatus(await acme.owner.patch(`/users/${ann.id}`, { active: false }), 200);
    expectStatus(await acme.owner.delete(`/users/${ben.id}`), 204);
    for (const id of running)
      await eventually(async () => expect((await acme.owner.get(`/time-entries/${id}`)).data.running).toBe(false));
  });

  it('is not started in a project that was put away, and stops there', async () => {
    const { id } = await acme.project('Past', [[mia, 'member']]);
    const task = await acme.task(id);
    const running = expectStatus(await start(mia, task.id), 201).data.id;
    expectStatus(await acme.owner.put(`/projects/${id}/archive`), 200);
    const codes = [
      (await start(mia, task.id, { stopRunning: true })).error.code,
      (await mia.post(`/tasks/${task.id}/time-entries`, { date: '2026-01-05', minutes: 5 })).error.code,
      (await mia.patch(`/time-entries/${running}`, { note: 'Late' })).error.code,
    ];
    expect(codes).toEqual(codes.map(() => 'project_archived'));
    expect((await mia.get('/time-entries/running')).data.id).toBe(running);
    expectStatus(await stop(mia, running), 200);
  });

  it('takes a task that can be seen, and the permission to log time on it', async () => {
    const [vera, gwen] = [await acme.join('Vera', 'viewer'), await acme.join('Gwen', 'guest')];
    expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: gwen.id, role: 'member' }), 201);
    const task = await acme.task(projectId);
    const hidden = await acme.task((await acme.project('Secret')).id);
    expect((await start(vera, task.id)).error.code).toBe('permission_denied');
    expect((await start(mia, hidden.id)).error.code).toBe('task_not_found');
    // What a role in the project adds is known within a second.
    const own = await eventually(async () => expectStatus(await start(gwen, task.id), 201));
    expectStatus(await stop(gwen, own.data.id), 200);
    const wrong = await start(mia, task.id, { startedAt: new Date().toISOString() });
    expect([wrong.status, wrong.error.details[0]!.code]).toEqual([400, 'unknown_field']);
  });
});
