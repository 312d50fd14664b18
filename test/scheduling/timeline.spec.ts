import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { MONDAY, PlannedProject } from './scheduling.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const week = (monday: number, tuesday: number, wednesday: number, thursday: number, friday: number) => ({
  ...{ monday, tuesday, wednesday, thursday, friday },
  saturday: 0,
  sunday: 0,
});

describe('the timeline', () => {
  it('has the dates and floats of the example in docs/scheduling.md', async () => {
    const project = await PlannedProject.make(acme);
    await project.task('Design', 16);
    await project.task('Build', 24);
    await project.task('Manual', 12);
    await project.task('Release', 4);
    await project.link('Build', 'Design');
    await project.link('Manual', 'Design', { type: 'start_to_start', lagDays: 1 });
    await project.link('Release', 'Build');
    await project.link('Release', 'Manual', { type: 'finish_to_finish', lagHours: 2 });
    const { tasks, ...plan } = await project.timeline();
    expect(plan).toMatchObject({ startOn: MONDAY, deadline: null, finish: '2035-01-08', milestones: [], warnings: [] });
    expect(plan.dependencies).toHaveLength(4);
    expect(
      tasks.map((task: any) => [
        task.title,
        ...[task.earliestStart, task.earliestFinish, task.latestStart, task.latestFinish],
        ...[task.totalFloatHours, task.freeFloatHours, task.isCritical],
      ]),
    ).toEqual([
      ['Design', '2035-01-01', '2035-01-02', '2035-01-01', '2035-01-02', 0, 0, true],
      ['Manual', '2035-01-02', '2035-01-03', '2035-01-04', '2035-01-08', 22, 22, false],
      ['Build', '2035-01-03', '2035-01-05', '2035-01-03', '2035-01-05', 0, 0, true],
      ['Release', '2035-01-08', '2035-01-08', '2035-01-08', '2035-01-08', 0, 0, true],
    ]);
    expect(tasks[0]).toMatchObject({
      id: project.idOf('Design'),
      work: { unit: 'hours', amount: 16, basis: 'estimate' },
    });
  });

  it.each([
    ['finish_to_start', { lagDays: 1 }, '5-8'],
    ['finish_to_start', { lagHours: -8 }, '3-4'],
    ['start_to_start', { lagDays: 2 }, '3-4'],
    ['start_to_start', { lagHours: 12 }, '2-4'],
    ['finish_to_finish', { lagHours: 4 }, '2-4'],
    ['finish_to_finish', { lagDays: -2 }, '1-2'],
    ['start_to_finish', { lagDays: 3 }, '2-3'],
    ['start_to_finish', { lagDays: -3 }, '1-2'],
  ])('lays a task of two days behind one of three, %s with %j: %s', async (type, lag, dates) => {
    const project = await PlannedProject.make(acme);
    await project.task('First', 24);
    await project.task('Second', 16);
    await project.link('Second', 'First', { type, ...lag });
    expect(await project.dates()).toEqual({ First: '1-3', Second: dates });
  });

  it('knows part-time weeks, time off and holidays of those who do the work', async () => {
    const globex = await signUp(app);
    const [pia, tom] = [await globex.join('Pia', 'member'), await globex.join('Tom', 'member')];
    const project = await PlannedProject.make(globex, {}, [
      [pia, 'member'],
      [tom, 'member'],
    ]);
    await project.task('Nobody’s', 16);
    await project.task('Pia’s', 16, { assigneeId: pia.id });
    await project.task('Tom’s', 16, { assigneeId: tom.id });
    const all = { 'Nobody’s': '1-2', 'Pia’s': '1-2', 'Tom’s': '1-2' };
    expect(await project.dates()).toEqual(all);
    expectStatus(await pia.put(`/users/${pia.id}/calendar`, { from: MONDAY, minutes: week(240, 0, 240, 0, 240) }), 200);
    expect(await project.dates()).toEqual({ ...all, 'Pia’s': '1-8' });
    const vacation = { kind: 'vacation', from: '2035-01-02', to: '2035-01-03' };
    expectStatus(await tom.post(`/users/${tom.id}/time-off`, vacation), 201);
    expect(await project.dates()).toEqual({ ...all, 'Pia’s': '1-8', 'Tom’s': '1-4' });
    expectStatus(await globex.owner.post('/calendars/holidays', { day: MONDAY, name: 'New Year' }), 201);
    expect(await project.dates()).toEqual({ 'Nobody’s': '2-3', 'Pia’s': '3-10', 'Tom’s': '4-5' });
    // The lag is of the organisation, whoever works.
    await project.link('Pia’s', 'Nobody’s', { lagDays: 2 });
    expect((await project.dates())['Pia’s']).toBe('8-15');
    expectStatus(
      await globex.owner.put('/calendars/default', { from: MONDAY, minutes: week(480, 480, 480, 480, 0) }),
      200,
    );
    expect((await project.dates())['Pia’s']).toBe('10-17');
  });

  it('plans whoever never works in the time of the organisation, and says so', async () => {
    const zoe = await acme.join('Zoe', 'member');
    expectStatus(await zoe.put(`/users/${zoe.id}/calendar`, { from: '2020-01-01', minutes: week(0, 0, 0, 0, 0) }), 200);
    const project = await PlannedProject.make(acme, {}, [[zoe, 'member']]);
    await project.task('Hers', 8, { assigneeId: zoe.id });
    const { tasks, warnings } = await project.timeline();
    expect([tasks[0].earliestStart, tasks[0].earliestFinish]).toEqual([MONDAY, MONDAY]);
    expect(warnings).toMatchObject([{ code: 'no_working_time', taskId: project.idOf('Hers') }]);
  });

  it('measures milestones and the end of the project as deadlines, and tells by how much they are missed', async () => {
    const project = await PlannedProject.make(acme, { startDate: MONDAY, endDate: '2035-01-05' });
    const milestone = async (name: string, dueDate: string) =>
      expectStatus(await acme.owner.post(`/projects/${project.id}/milestones`, { name, dueDate }), 201).data.id;
    const [alpha, beta] = [await milestone('Alpha', '2035-01-02'), await milestone('Beta', '2035-01-31')];
    await project.task('First', 24, { milestoneId: alpha });
    await project.task('Second', 24, { milestoneId: beta });
    await project.link('Second', 'First');
    const { tasks, milestones, warnings, finish, deadline } = await project.timeline();
    expect([finish, deadline]).toEqual(['2035-01-08', '2035-01-05']);
    expect(tasks.map((task: any) => [task.title, task.latestFinish, task.totalFloatHours, task.isCritical])).toEqual([
      ['First', '2035-01-02', -8, true],
      ['Second', '2035-01-05', -8, true],
    ]);
    expect(milestones).toEqual([
      { id: alpha, name: 'Alpha', deadline: '2035-01-02', isCompleted: false, forecast: '2035-01-03', slackHours: -8 },
      { id: beta, name: 'Beta', deadline: '2035-01-31', isCompleted: false, forecast: '2035-01-08', slackHours: 136 },
    ]);
    expect(warnings.map((warning: any) => [warning.code, warning.milestoneId])).toEqual([
      ['project_end_missed', null],
      ['milestone_missed', alpha],
    ]);
    expectStatus(await acme.owner.put(`/milestones/${alpha}/completion`), 200);
    expect((await project.timeline()).tasks[0]).toMatchObject({ title: 'First', latestFinish: '2035-01-02' });
  });
});
