import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import { expectStatus } from '../support/client.ts';
import type { Case, Filling } from './cases.ts';
import type { World } from './worlds.ts';

const LAST_WEEK = addDays(mondayOf(new Date().toISOString().slice(0, 10)), -7);
const RANGE: [string, string][] = [
  ['from', LAST_WEEK],
  ['to', addDays(LAST_WEEK, 6)],
];
const onTask = (world: World) => ({ params: { id: world.task.id } });
const inProject = (world: World) => ({ params: { id: world.project.id } });
const week = (world: World) => ({ params: { id: world.member.id, week: LAST_WEEK } });
const entryBody = (world: World) => ({ date: addDays(LAST_WEEK, -7), minutes: 30, note: world.canary });
/** By day both worlds have the same places, and whose id was made first would tell them apart. */
const BY_CREATION: [string, string][] = [['sort', '-createdAt']];

/** An entry of the project's member. */
async function freshEntry(world: World): Promise<{ id: string }> {
  const body = { ...entryBody(world), userId: world.member.id };
  const entry = expectStatus(await world.owner.post(`/tasks/${world.task.id}/time-entries`, body), 201).data;
  await world.remove('time_entries', entry.id);
  return entry;
}

const standing = new WeakMap<World, Promise<{ id: string }>>();

/** One with a history, beside another one, which stand ready from their first use on. */
function standingEntry(world: World): Promise<{ id: string }> {
  const made = standing.get(world) ?? furnish(world);
  standing.set(world, made);
  return made;
}

async function furnish(world: World): Promise<{ id: string }> {
  const [entry] = [await freshEntry(world), await freshEntry(world)];
  expectStatus(await world.owner.patch(`/time-entries/${entry.id}`, { minutes: 45 }), 200);
  return entry;
}

const onEntry = async (world: World) => ({ params: { id: (await standingEntry(world)).id } });

async function changing(world: World): Promise<Filling> {
  const { id } = await freshEntry(world);
  return { params: { id }, ifMatch: await world.etagOf('time_entries', id) };
}

async function running(world: World): Promise<{ id: string }> {
  const body = { note: world.canary, stopRunning: true };
  return expectStatus(await world.owner.post(`/tasks/${world.task.id}/time-entries/start`, body), 201).data;
}

async function withEntries(world: World, filling: Filling): Promise<Filling> {
  await standingEntry(world);
  return filling;
}

/** The project's member is planned for more than they work. */
async function freshResource(world: World): Promise<{ id: string }> {
  const path = `/projects/${world.project.id}/resources`;
  const resource = expectStatus(
    await world.owner.post(path, { ...planBody(world), userId: world.member.id }),
    201,
  ).data;
  await world.remove('resource_assignments', resource.id);
  return resource;
}

const planBody = (world: World) => ({ hoursPerWeek: 30, from: LAST_WEEK, to: LAST_WEEK, note: world.canary });

const planned = new WeakMap<World, Promise<{ id: string }>>();

/** Two in each world, from their first use on. */
async function onResource(world: World): Promise<Filling> {
  const made = planned.get(world) ?? freshResource(world).then(() => freshResource(world));
  planned.set(world, made);
  return { params: { id: world.project.id, resourceId: (await made).id } };
}

async function changingResource(world: World): Promise<Filling> {
  const { id } = await freshResource(world);
  const ifMatch = await world.etagOf('resource_assignments', id);
  return { params: { id: world.project.id, resourceId: id }, ifMatch };
}

/** Of lists: with two people, or there is no second page. */
async function withResources(world: World, filling: Filling): Promise<Filling> {
  await onResource(world);
  const path = `/projects/${world.project.id}/resources`;
  const body = { ...planBody(world), userId: world.owner.id };
  const { data } = await world.owner.get(`${path}?userId=${world.owner.id}`);
  if (data.length === 0) expectStatus(await world.owner.post(path, body), 201);
  return filling;
}

/** What was worked, by whom, and the weeks that were approved; who is planned for what. */
export const TIME_CASES: Record<string, Case> = {
  'GET /api/v1/time-entries': { fill: (world) => withEntries(world, { query: BY_CREATION }) },
  'GET /api/v1/time-entries/running': {
    fill: async (world) => {
      await running(world);
      return {};
    },
    batch: 1,
  },
  'GET /api/v1/time-entries/totals': {
    fill: (world) => ({
      query: [
        ['groupBy', 'task,user'],
        ['projectId', world.project.id],
        ['taskId', world.task.id],
        ['userId', world.member.id],
      ],
    }),
  },
  'GET /api/v1/time-entries/:id': { fill: onEntry },
  'GET /api/v1/time-entries/:id/history': { fill: onEntry },
  'PATCH /api/v1/time-entries/:id': {
    fill: async (world) => ({ ...(await changing(world)), body: { minutes: 15, note: world.canary } }),
  },
  'DELETE /api/v1/time-entries/:id': { fill: changing },
  'POST /api/v1/time-entries/:id/stop': {
    fill: async (world) => ({ params: { id: (await running(world)).id }, body: {} }),
    batch: 1,
  },
  'GET /api/v1/tasks/:id/time-entries': {
    fill: (world) => withEntries(world, { ...onTask(world), query: BY_CREATION }),
  },
  'POST /api/v1/tasks/:id/time-entries': {
    fill: (world) => ({ ...onTask(world), body: { ...entryBody(world), userId: world.member.id } }),
  },
  'POST /api/v1/tasks/:id/time-entries/start': {
    fill: (world) => ({ ...onTask(world), body: { note: world.canary, stopRunning: true } }),
  },
  'GET /api/v1/projects/:id/time-rules': { fill: inProject },
  'PUT /api/v1/projects/:id/time-rules': {
    fill: (world) => ({ ...inProject(world), body: { roundTo: 15, mode: 'up' } }),
  },
  'GET /api/v1/users/:id/timesheets': { fill: (world) => ({ params: { id: world.member.id }, query: RANGE }) },
  'PUT /api/v1/users/:id/timesheets/:week/approval': {
    fill: (world) => ({ ...week(world), body: { note: world.canary } }),
  },
  'DELETE /api/v1/users/:id/timesheets/:week/approval': { fill: week },
  'GET /api/v1/projects/:id/resources': { fill: (world) => withResources(world, inProject(world)) },
  'POST /api/v1/projects/:id/resources': {
    fill: (world) => ({ ...inProject(world), body: { ...planBody(world), userId: world.member.id } }),
    // Each plan is more of what is too much already.
    volatile: ['warnings'],
  },
  'GET /api/v1/projects/:id/resources/:resourceId': { fill: onResource },
  'PATCH /api/v1/projects/:id/resources/:resourceId': {
    fill: async (world) => ({ ...(await changingResource(world)), body: { percent: 10, note: world.canary } }),
    volatile: ['warnings'],
  },
  'DELETE /api/v1/projects/:id/resources/:resourceId': { fill: changingResource },
  'GET /api/v1/projects/:id/utilization': {
    fill: (world) => withResources(world, { ...inProject(world), query: RANGE }),
  },
  'GET /api/v1/users/:id/utilization': { fill: (world) => ({ params: { id: world.member.id }, query: RANGE }) },
  'GET /api/v1/resources/utilization': { fill: () => ({ query: RANGE }) },
  'GET /api/v1/resources/over-allocations': { fill: (world) => withResources(world, { query: RANGE }) },
};
