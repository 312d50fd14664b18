import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readGraph } from '../../src/dependencies/dependencies.queries.ts';
import type { TenantContext } from '../../src/platform/tenancy/tenant-context.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const depend = async (task: { id: string }, on: { id: string }, fields: object = {}) =>
  expectStatus(await acme.owner.post(`/tasks/${task.id}/dependencies`, { dependsOnTaskId: on.id, ...fields }), 201);

describe('the graph of a task', () => {
  it('holds what it waits for and what waits for it, over others too, and nothing beside', async () => {
    const { id: projectId } = await acme.project('Apollo');
    const task = (title: string) => acme.task(projectId, { title });
    const [root, below, further] = [await task('Root'), await task('Below'), await task('Further')];
    const [above, sibling, deleted, behindDeleted] = [
      await task('Above'),
      await task('Sibling'),
      await task('Deleted'),
      await task('Behind the deleted'),
    ];
    await depend(root, above, { type: 'start_to_start', lagDays: 2 });
    await depend(below, root);
    await depend(further, below);
    await depend(further, above);
    await depend(sibling, above);
    await depend(root, deleted);
    await depend(deleted, behindDeleted);
    expectStatus(await acme.owner.delete(`/tasks/${deleted.id}`), 204);
    const seen = async (query = '') => {
      const { data } = expectStatus(await acme.owner.get(`/tasks/${root.id}/dependency-graph${query}`), 200);
      return [data.nodes.map((node: any) => node.title).sort(), data.edges.length];
    };
    expect(await seen()).toEqual([['Above', 'Below', 'Further', 'Root'], 4]);
    expect(await seen('?direction=blocked_by')).toEqual([['Above', 'Root'], 1]);
    expect(await seen('?direction=blocks')).toEqual([['Below', 'Further', 'Root'], 2]);
    expect(await seen('?depth=1')).toEqual([['Above', 'Below', 'Root'], 2]);
    const { nodes, edges } = (await acme.owner.get(`/tasks/${root.id}/dependency-graph?direction=blocked_by`)).data;
    expect(nodes.find((node: any) => node.id === root.id)).toEqual({
      id: root.id,
      title: 'Root',
      status: 'todo',
      statusCategory: 'todo',
      assigneeId: null,
      startDate: null,
      dueDate: null,
    });
    expect(edges).toEqual([
      {
        id: expect.any(String),
        taskId: root.id,
        dependsOnTaskId: above.id,
        type: 'start_to_start',
        lagHours: null,
        lagDays: 2,
      },
    ]);
    for (const query of ['?direction=up', '?depth=0', '?depth=101', '?depth=1.5', '?deep=1'])
      expect([query, (await acme.owner.get(`/tasks/${root.id}/dependency-graph${query}`)).status]).toEqual([
        query,
        400,
      ]);
  });

  it('of 10,000 tasks is whole, and is walked along the indexes', async () => {
    const { id: projectId } = await acme.project('Starship');
    const sql = await sqlOf(app, acme);
    const idOf = (n: number | string) => `'00000000-0000-7000-8000-' || lpad((${n})::text, 12, '0')`;
    await sql(
      `INSERT INTO "@tenant".tasks (id, project_id, title, status, status_category, priority, reporter_id, position)
       SELECT (${idOf('n')})::uuid, $1, 'Task ' || n, 'todo', 'todo', 'medium', $2, 'v' || lpad(n::text, 6, '0') FROM generate_series(0, 10000) n`,
      projectId,
      acme.owner.id,
    );
    // A hundred layers of a hundred tasks: each waits for two of the layer before, and the last one for a whole layer.
    await sql(
      `INSERT INTO "@tenant".task_dependencies (id, project_id, task_id, depends_on_task_id, type, lag_hours)
       SELECT gen_random_uuid(), $1::uuid, (${idOf('n')})::uuid, (${idOf('(n / 100 - 1) * 100 + (n + shift) % 100')})::uuid, 'finish_to_start', 0
         FROM generate_series(100, 9999) n, generate_series(0, 1) shift
       UNION ALL
       SELECT gen_random_uuid(), $1::uuid, (${idOf(10_000)})::uuid, (${idOf('n')})::uuid, 'finish_to_start', 0 FROM generate_series(9900, 9999) n`,
      projectId,
    );
    const task = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    const graphOf = async (n: number) =>
      expectStatus(await acme.owner.get(`/tasks/${task(n)}/dependency-graph`), 200).data;
    const whole = await graphOf(10_000);
    expect([whole.nodes.length, whole.edges.length]).toEqual([10_001, 19_900]);
    // Within reach of one in the middle: k + 1 tasks in the k-th layer before and behind it, itself, and the last one.
    const part = await graphOf(5_000);
    expect(part.nodes).toHaveLength(1_325 + 1_274 + 1 + 1);

    const plan = await planOf((ctx) => readGraph(ctx, task(10_000), { direction: 'both', depth: null }), sql);
    expect(plan).toContain('task_dependencies_by_task');
    expect(plan).toContain('task_dependencies_by_predecessor');
  });
});

/** How PostgreSQL would answer the one statement of a read. */
async function planOf(
  read: (ctx: TenantContext) => Promise<unknown>,
  sql: Awaited<ReturnType<typeof sqlOf>>,
): Promise<string> {
  const asked: [string, unknown[]][] = [];
  const ctx = { query: (statement: string, values: unknown[]) => Promise.resolve([asked.push([statement, values])]) };
  await read(ctx as unknown as TenantContext);
  expect(asked).toHaveLength(1);
  const [statement, values] = asked[0]!;
  return (await sql(`EXPLAIN ${statement}`, ...values)).map((row) => row['QUERY PLAN']).join('\n');
}
