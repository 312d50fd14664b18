import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkerThreads } from '../../src/platform/threads/worker-threads.ts';
import { planOf } from '../../src/scheduling/plan.rules.ts';
import type { Plan, PlanInput } from '../../src/scheduling/scheduling.types.ts';
import { InvalidInput } from '../../src/platform/errors/app-error.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { MONDAY, PlannedProject } from './scheduling.ts';

const HELP = new URL('../support/endless', import.meta.url);

let app: TestApp;
let tenant: TestTenant;
let threads: WorkerThreads;
/** What was computed in another thread, and what came of it. */
const computed: { input: PlanInput; plan: Promise<Plan> }[] = [];
beforeAll(async () => {
  app = await startApp();
  tenant = await signUp(app);
  threads = app.nest.get(WorkerThreads);
  const { run } = threads;
  threads.run = <T>(...order: Parameters<WorkerThreads['run']>) => {
    const plan = run.apply(threads, order) as Promise<T>;
    if (order[1] === 'planOf') computed.push({ input: order[2] as PlanInput, plan: plan as Promise<Plan> });
    plan.catch(() => undefined);
    return plan;
  };
});
afterAll(() => app.stop());

/** A chain of tasks, every second one of somebody's. */
async function chainOf(length: number): Promise<PlannedProject> {
  const mia = await tenant.join('Mia', 'member');
  const project = await PlannedProject.make(tenant, {}, [[mia, 'member']]);
  const operations = Array.from({ length }, (_, i) => ({
    action: 'create',
    task: {
      projectId: project.id,
      title: `T${i}`,
      estimatedHours: 1 + (i % 7),
      assigneeId: i % 2 ? mia.id : undefined,
    },
  }));
  for (let at = 0; at < length; at += 100)
    expectStatus(await tenant.owner.post('/tasks/bulk', { operations: operations.slice(at, at + 100) }), 200);
  const sql = await sqlOf(app, tenant);
  await sql(
    `INSERT INTO "@tenant".task_dependencies (id, project_id, task_id, depends_on_task_id, type, lag_hours)
     SELECT gen_random_uuid(), project_id, id, before, 'finish_to_start', 0
       FROM (SELECT project_id, id, lag(id) OVER (ORDER BY title) AS before FROM "@tenant".tasks WHERE project_id = $1) t
      WHERE before IS NOT NULL`,
    project.id,
  );
  return project;
}

describe('a plan', () => {
  it('of much is computed in another thread, and is the same that this one would compute', async () => {
    const project = await chainOf(600);
    const timeline = await project.timeline();
    expect(computed).toHaveLength(1);
    const [{ input, plan }] = computed as [(typeof computed)[number]];
    expect(await plan).toEqual(planOf(input));
    expect(timeline.tasks).toHaveLength(600);
    expect(timeline.tasks.filter(({ isCritical }: { isCritical: boolean }) => isCritical)).toHaveLength(600);
    const schedule = expectStatus(
      await tenant.owner.post(`/projects/${project.id}/schedule`, { startOn: MONDAY }),
      200,
    ).data;
    expect(schedule.criticalPath).toEqual(timeline.tasks.map(({ id }: { id: string }) => id));
    expect(computed).toHaveLength(2);
  });

  it('of few tasks that reach far is computed there too, and refused in the same words', async () => {
    const people = await Promise.all(Array.from({ length: 9 }, (_, i) => tenant.join(`P${i}`, 'member')));
    const project = await PlannedProject.make(
      tenant,
      {},
      people.map((each) => [each, 'member']),
    );
    for (const [i, { id }] of people.entries()) await project.task(`T${i}`, 90_000, { assigneeId: id });
    const before = computed.length;
    const { tasks } = await project.timeline();
    expect(tasks).toHaveLength(9);
    expect(computed).toHaveLength(before + 1);
    await project.task('Too much', 99_999, { assigneeId: people[0]!.id });
    await project.task('Far more', 99_999, { assigneeId: people[0]!.id });
    await project.link('Too much', 'T0');
    await project.link('Far more', 'Too much');
    const refused = await tenant.owner.get(`/projects/${project.id}/timeline?startOn=${MONDAY}`);
    expect([refused.status, refused.error.code]).toEqual([409, 'plan_too_long']);
  });
});

describe('another thread', () => {
  it('gives what the function gives, refuses what it refuses, and is given up after its time', async () => {
    expect(await threads.run(HELP, 'double', 21, 30)).toBe(42);
    const refusal = new InvalidInput([{ pointer: '/slug', code: 'taken', message: 'slug is taken.' }]);
    const { kind, code, message, details } = refusal;
    await expect(threads.run(HELP, 'refuse', 'slug', 30)).rejects.toMatchObject({ kind, code, message, details });
    await expect(threads.run(HELP, 'fail', null, 30)).rejects.toThrow('a fault');
    const endless = Array.from({ length: 3 }, () => threads.run(HELP, 'runForever', null, 1));
    for (const each of endless)
      await expect(each).rejects.toMatchObject({ kind: 'unavailable', code: 'computation_too_long' });
    expect(await threads.run(HELP, 'double', 4, 30)).toBe(8);
  });

  it('takes no more work than it can do soon', async () => {
    const many = await Promise.allSettled(Array.from({ length: 80 }, () => threads.run(HELP, 'runForever', null, 1)));
    const codes = new Set(many.map((each) => (each.status === 'rejected' ? each.reason.code : 'done')));
    expect(codes).toEqual(new Set(['computation_too_long', 'threads_busy']));
  });
});
