import { v7 as newId } from 'uuid';
import { addDays, mondayOf } from '../../src/platform/dates/days.ts';
import type { TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import type { Person, TestTenant } from '../support/tenant.ts';
import type { Place } from './matrix.ts';

export interface Filling {
  ids?: Record<string, string>;
  body?: object;
  /** `?from=...` */
  query?: string;
}

interface Scene {
  app: TestApp;
  tenant: TestTenant;
  schema: string;
  /** What stands in every text: whoever may not see a record must not read it. */
  text: string;
}

const LAST_WEEK = addDays(mondayOf(new Date().toISOString().slice(0, 10)), -7);

const RANGE = `?from=${LAST_WEEK}&to=${LAST_WEEK}`;

export const isAboutTime = (pattern: string): boolean =>
  /\/(time-entries|time-rules|timesheets|resources|utilization)\b/.test(pattern);

/** Calls on what people worked, or shall work: `own` is an entry of the actor's, the others are the founder's. */
export async function onTime(
  { app, tenant, schema, text }: Scene,
  { method, pattern, variant }: { method: string; pattern: string; variant: string },
  actor: Person,
  place: Place,
): Promise<Filling> {
  if (pattern.includes('/timesheets')) {
    const person = { email: `${newId()}@acme.test`, firstName: text, lastName: 'Newcomer', roles: ['member'] };
    const ids = { id: expectStatus(await tenant.owner.post('/users', person), 201).data.id, week: LAST_WEEK };
    return method === 'GET' ? { ids, query: RANGE } : { ids, body: {} };
  }
  if (pattern.startsWith('/resources')) return { query: RANGE };
  const project = await tenant.project(text, place === 'out' ? [] : [[actor, 'viewer']]);
  if (pattern.endsWith('/utilization')) return { ids: { id: project.id }, query: RANGE };
  if (pattern.includes('/resources')) return onResource(tenant, project.id, { method, pattern, text });
  const task = await tenant.task(project.id, { title: text, assigneeId: place === 'own' ? actor.id : null });
  const body = method === 'GET' || method === 'DELETE' ? undefined : {};
  if (pattern.includes('/time-rules')) return { ids: { id: project.id }, body: body && { roundTo: 15, mode: 'up' } };
  if (pattern.endsWith('/start')) return { ids: { id: task.id }, body: { note: 'New', stopRunning: true } };
  if (pattern.startsWith('/tasks')) {
    const userId = variant === 'of another' ? tenant.owner.id : undefined;
    return { ids: { id: task.id }, body: body && { date: LAST_WEEK, minutes: 60, userId } };
  }
  const isRunning = pattern.endsWith('/stop') || pattern.endsWith('/running');
  const whose = place === 'own' || pattern.endsWith('/running') ? actor : tenant.owner;
  const id = await entry(app, schema, { task: task.id, project: project.id, user: whose.id, text, isRunning });
  return { ids: { id }, body: body && (isRunning ? {} : { note: 'Changed' }) };
}

/** The founder, who is in the project in any case, is planned for it. */
async function onResource(
  { owner }: TestTenant,
  projectId: string,
  { method, pattern, text }: { method: string; pattern: string; text: string },
): Promise<Filling> {
  const plan = { userId: owner.id, percent: 10, from: LAST_WEEK, to: LAST_WEEK, note: text };
  const made = expectStatus(await owner.post(`/projects/${projectId}/resources`, plan), 201).data;
  const ids = { id: projectId, resourceId: made.id };
  if (method === 'POST') return { ids, body: { ...plan, note: 'New' } };
  return { ids, body: method === 'PATCH' && pattern.includes(':resourceId') ? { note: 'Changed' } : undefined };
}

/** Past the API: also of people who may log no time any more. */
async function entry(
  { owner }: TestApp,
  schema: string,
  {
    task,
    project,
    user,
    text,
    isRunning,
  }: Record<'task' | 'project' | 'user' | 'text', string> & { isRunning: boolean },
): Promise<string> {
  const id = newId();
  if (isRunning)
    await owner.query(`DELETE FROM "${schema}".time_entries WHERE user_id = $1 AND ended_at IS NULL`, [user]);
  const [end, minutes] = isRunning ? ['NULL', 'NULL'] : [`now() - interval '1 minute'`, '59'];
  await owner.query(
    `INSERT INTO "${schema}".time_entries
       (id, task_id, project_id, user_id, day, started_at, ended_at, by_day, minutes, rounded_minutes, note, billable, source)
     VALUES ($1, $2, $3, $4, current_date, now() - interval '1 hour', ${end}, false, ${minutes}, ${minutes}, $5, false, 'timer')`,
    [id, task, project, user, text],
  );
  return id;
}
