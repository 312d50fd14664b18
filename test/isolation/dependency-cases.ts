import type { Case, Filling } from './cases.ts';
import type { World } from './worlds.ts';

const onTask = (world: World) => ({ params: { id: world.task.id } });
const inProject = (world: World) => ({ params: { id: world.project.id } });

async function ownDependency(world: World): Promise<Filling> {
  const { id, taskId } = await world.freshDependency();
  return { params: { id: taskId, dependencyId: id }, ifMatch: await world.etagOf('task_dependencies', id) };
}

async function ownPlan(world: World): Promise<Filling> {
  const { id } = await world.freshProject();
  await world.freshTask(id);
  return { params: { id }, body: { startOn: '2035-01-01' } };
}

/** Dependencies, and the plans that follow from them. */
export const DEPENDENCY_CASES: Record<string, Case> = {
  'GET /api/v1/tasks/:id/dependencies': { fill: onTask },
  'POST /api/v1/tasks/:id/dependencies': {
    fill: async (world) => ({
      params: { id: (await world.freshTask(world.project.id)).id },
      body: { dependsOnTaskId: world.task.id, type: 'start_to_start', lagHours: 1.5 },
    }),
  },
  'GET /api/v1/tasks/:id/dependencies/:dependencyId': {
    fill: ({ dependency }) => ({ params: { id: dependency.taskId, dependencyId: dependency.id } }),
  },
  'PATCH /api/v1/tasks/:id/dependencies/:dependencyId': {
    fill: async (world) => ({ ...(await ownDependency(world)), body: { type: 'start_to_start', lagDays: 2 } }),
  },
  'DELETE /api/v1/tasks/:id/dependencies/:dependencyId': { fill: ownDependency },
  'GET /api/v1/tasks/:id/dependency-graph': { fill: onTask },
  'GET /api/v1/projects/:id/blocked-tasks': { fill: inProject },
  'GET /api/v1/projects/:id/timeline': { fill: inProject },
  'POST /api/v1/projects/:id/schedule': { fill: ownPlan },
};
