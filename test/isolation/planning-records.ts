import { v7 as newId } from 'uuid';
import { expectStatus } from '../support/client.ts';
import type { Row, World } from './worlds.ts';

export function freshMilestone(world: World): Promise<Row> {
  const { canary, day, project } = world;
  const milestone = { name: canary, description: canary, dueDate: day };
  return world.made('milestones', `/projects/${project.id}/milestones`, milestone);
}

/** A project with a workflow of its own, and the ETag of that. */
export async function freshWorkflow(world: World): Promise<{ id: string; ifMatch: string }> {
  const { id } = await world.freshProject();
  const statuses = ['todo', 'done'].map((key) => ({ key, name: world.canary, category: key }));
  expectStatus(await world.owner.put(`/projects/${id}/workflow`, { statuses }), 200);
  await world.remove('projects', id, 'id', 'workflow_version');
  return { id, ifMatch: await world.etagOf('projects', id, 'id', 'workflow_version') };
}

/** What was deleted and can be restored, who watches, and a run of many operations that is over. */
export async function furnishPlans(world: World): Promise<void> {
  const { owner, member, project, task } = world;
  for (const gone of [await world.freshTask(project.id), await world.freshTask(project.id)])
    expectStatus(await owner.delete(`/tasks/${gone.id}`), 204);
  for (const gone of [await world.freshProject(), await world.freshProject()])
    expectStatus(await owner.delete(`/projects/${gone.id}`), 204);
  for (const who of [owner, member]) expectStatus(await owner.put(`/tasks/${task.id}/watchers/${who.id}`), 200);
  world.bulkRun = { id: newId() };
  await world.app.owner.query(
    `INSERT INTO platform.bulk_runs (tenant_schema, id, actor_id, mode, state, operations, results, total, finished_at)
     VALUES ($1, $2, $3, 'each', 'done', '[]', $4, 1, now())`,
    [world.schema, world.bulkRun.id, owner.id, JSON.stringify([{ status: 'done', id: task.id, version: 1 }])],
  );
}
