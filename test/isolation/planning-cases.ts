import type { Case, Filling } from './cases.ts';
import { taskBody } from './bodies.ts';
import { freshMilestone, freshWorkflow } from './planning-records.ts';
import type { World } from './worlds.ts';

const inProject = (world: World) => ({ params: { id: world.project.id } });
const onTask = (world: World) => ({ params: { id: world.task.id } });
const ofProject = async (world: World) => ({ params: { id: (await world.freshProject()).id } });
const ofTask = async (world: World) => ({ params: { id: (await world.freshTask(world.project.id)).id } });
const onMilestone = (world: World) => ({ params: { id: world.milestone.id } });
const anyMilestone = async (world: World) => ({ params: { id: (await freshMilestone(world)).id } });

async function ownMilestone(world: World): Promise<Filling> {
  const { params } = await anyMilestone(world);
  return { params, ifMatch: await world.etagOf('milestones', params.id) };
}
async function ownProject(world: World): Promise<Filling> {
  const { params } = await ofProject(world);
  return { params, ifMatch: await world.etagOf('projects', params.id) };
}
const milestoneBody = ({ canary, day }: World) => ({ name: canary, description: canary, dueDate: day });

const status = (key: string, category: string, name: string) => ({ key, name, category });
const workflowBody = ({ canary }: World) => ({
  statuses: [status('todo', 'todo', canary), status('done', 'done', canary)],
  transitions: [{ from: 'todo', to: 'done' }],
});

/** Watched by whom is a fact of its own: each call has a person of its own. */
async function watching(world: World): Promise<Filling> {
  const { id: userId } = await world.freshMember(world.project.id);
  return { params: { id: world.task.id, userId } };
}

/** Plans of projects: archive, milestones, workflow and board, and what there is of tasks besides their fields. */
export const PLANNING_CASES: Record<string, Case> = {
  'GET /api/v1/projects/deleted': { fill: () => ({}) },
  'PUT /api/v1/projects/:id/archive': { fill: ownProject },
  'DELETE /api/v1/projects/:id/archive': { fill: ownProject },
  'POST /api/v1/projects/:id/restoration': { fill: ofProject },
  'GET /api/v1/projects/:id/activity': { fill: inProject },
  'GET /api/v1/projects/:id/milestones': { fill: inProject },
  'POST /api/v1/projects/:id/milestones': { fill: (world) => ({ ...inProject(world), body: milestoneBody(world) }) },
  'GET /api/v1/milestones/:id': { fill: onMilestone },
  'PATCH /api/v1/milestones/:id': {
    fill: async (world) => ({ ...(await ownMilestone(world)), body: milestoneBody(world) }),
  },
  'DELETE /api/v1/milestones/:id': { fill: ownMilestone },
  'PUT /api/v1/milestones/:id/completion': { fill: ownMilestone },
  'DELETE /api/v1/milestones/:id/completion': { fill: ownMilestone },
  'GET /api/v1/projects/:id/workflow': { fill: inProject },
  'PUT /api/v1/projects/:id/workflow': {
    fill: async (world) => {
      const { id, ifMatch } = await freshWorkflow(world);
      return { params: { id }, ifMatch, body: workflowBody(world) };
    },
  },
  'GET /api/v1/projects/:id/board': { fill: inProject },
  'GET /api/v1/projects/:id/deleted-tasks': { fill: inProject },

  'PUT /api/v1/tasks/:id/position': {
    fill: async (world) => {
      const { params } = await ofTask(world);
      const body = { afterId: world.task.id, beforeId: world.parent.id };
      return { params, body, ifMatch: await world.etagOf('tasks', params.id) };
    },
  },
  'POST /api/v1/tasks/:id/restoration': { fill: ofTask },
  'POST /api/v1/tasks/bulk': {
    fill: async (world) => {
      const { id } = await world.freshTask(world.project.id);
      const task = { ...taskBody(world), projectId: world.project.id, title: world.canary };
      const place = { afterId: world.task.id, beforeId: world.parent.id };
      return {
        body: {
          operations: [
            { action: 'create', task },
            { action: 'move', id, ...place },
          ],
        },
      };
    },
  },
  'GET /api/v1/tasks/bulk/:id': { fill: (world) => ({ params: { id: world.bulkRun.id } }) },
  'GET /api/v1/tasks/:id/roll-up': { fill: onTask },
  'GET /api/v1/tasks/:id/watchers': { fill: onTask },
  'PUT /api/v1/tasks/:id/watchers/:userId': { fill: watching },
  'DELETE /api/v1/tasks/:id/watchers/:userId': { fill: watching },
};
