import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Dependency, DependencyType } from './dependencies.types.ts';
import type { Sight } from './dependency.policy.ts';
import type { Edge } from './dependency.rules.ts';

/** What is shown of a task beside the one that is asked about. */
export interface Neighbour {
  id: string;
  title: string;
  status: string;
  statusCategory: string;
  assigneeId: string | null;
  startDate: string | null;
  dueDate: string | null;
}

/** A dependency as one of its two tasks sees it. */
export interface DependencyRow extends Dependency {
  projectId: string;
  direction: 'blocked_by' | 'blocks';
  /** Whether the one that waits is held up by it now. */
  isBlocked: boolean;
  /** The other one. */
  task: Neighbour;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

type Bind = (value: unknown) => string;

/** Whether the dependency `d` holds up its successor for want of what its predecessor `p` has not done yet. */
const HOLDS_UP = `CASE WHEN d.type IN ('finish_to_start', 'finish_to_finish') THEN p.status_category NOT IN ('done', 'cancelled')
  ELSE p.status_category = 'todo' AND p.started_at IS NULL END`;
const IS_OPEN = (task: string) => `${task}.status_category NOT IN ('done', 'cancelled')`;

const LAG = `d.lag_hours::float8 AS "lagHours", d.lag_days AS "lagDays"`;

const NEIGHBOUR = `jsonb_build_object('id', o.id, 'title', o.title, 'status', o.status, 'statusCategory', o.status_category,
  'assigneeId', o.assignee_id, 'startDate', o.start_date, 'dueDate', o.due_date)`;

const DIRECTION = `CASE WHEN d.task_id = $1 THEN 'blocked_by' ELSE 'blocks' END`;

const SELECT = `d.id, d.project_id AS "projectId", d.task_id AS "taskId", d.depends_on_task_id AS "dependsOnTaskId",
  d.type, ${LAG}, ${DIRECTION} AS direction, (${IS_OPEN('s')} AND ${HOLDS_UP}) AS "isBlocked", ${NEIGHBOUR} AS task,
  d.created_at AS "createdAt", d.updated_at AS "updatedAt", d.version`;

/**
 * The dependencies that have an id in a column, looked up in the index one by one: the planner cannot know how few they
 * are, and would read the whole table at each step of a walk.
 */
const dependenciesWith = (column: string, id: string, name = 'next') =>
  `LATERAL (SELECT * FROM "@tenant".task_dependencies WHERE ${column} = ${id} OFFSET 0) ${name}`;

/** Of the task at $1, to tasks that are there and that the actor may see. */
function ofTask(sight: Sight, bind: Bind): string {
  return `"@tenant".task_dependencies d
      JOIN "@tenant".tasks s ON s.id = d.task_id JOIN "@tenant".tasks p ON p.id = d.depends_on_task_id
      JOIN "@tenant".tasks o ON o.id = CASE WHEN d.task_id = $1 THEN d.depends_on_task_id ELSE d.task_id END
     WHERE (d.task_id = $1 OR d.depends_on_task_id = $1) AND o.deleted_at IS NULL AND ${seen(sight, 'o', bind)}`;
}

function seen({ all, asAssignee, asReporter, me }: Sight, task: string, bind: Bind): string {
  if (all) return 'true';
  const ways = [asAssignee && 'assignee_id', asReporter && 'reporter_id'].filter((column) => column !== false);
  return ways.length === 0
    ? 'false'
    : `(${ways.map((column) => `${task}.${column} = ${bind(me)}::uuid`).join(' OR ')})`;
}

export function listDependencies(
  ctx: TenantContext,
  taskId: string,
  sight: Sight,
  query: ListQuery,
): Promise<Page<DependencyRow>> {
  const parameters: unknown[] = [taskId];
  const source: ListSource = {
    select: SELECT,
    from: ofTask(sight, (value) => `$${parameters.push(value)}`),
    parameters,
    columns: {
      direction: { sql: DIRECTION, type: 'text' },
      type: { sql: 'd.type', type: 'text' },
      createdAt: { sql: 'd.created_at', type: 'timestamptz' },
    },
    id: { sql: 'd.id', type: 'uuid' },
  };
  return listPage<DependencyRow>(ctx, source, query);
}

/** @param lock keeps it from changing until the transaction ends */
export async function findDependency(
  ctx: TenantContext,
  taskId: string,
  id: string,
  sight: Sight,
  { lock = false } = {},
): Promise<DependencyRow | null> {
  const parameters: unknown[] = [taskId, id];
  const from = ofTask(sight, (value) => `$${parameters.push(value)}`);
  const rows = await ctx.query<DependencyRow>(
    `SELECT ${SELECT} FROM ${from} AND d.id = $2${lock ? ' FOR UPDATE OF d' : ''}`,
    parameters,
  );
  return rows[0] ?? null;
}

/** One change of a project's dependencies at a time, until the transaction ends: two at once could make a cycle together. */
export async function lockDependencies(tx: TenantContext, projectId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `task dependencies ${tx.tenant.id} ${projectId}`,
  ]);
}

export async function existsBetween(tx: TenantContext, { taskId, dependsOnTaskId }: Edge): Promise<boolean> {
  const rows = await tx.query(
    'SELECT 1 FROM "@tenant".task_dependencies WHERE task_id = $1 AND depends_on_task_id = $2',
    [taskId, dependsOnTaskId],
  );
  return rows.length > 0;
}

/** Whether a task waits for another one, whatever lies between them. Deleted tasks count: they may be restored. */
export async function waitsFor(tx: TenantContext, taskId: string, other: string): Promise<boolean> {
  const rows = await tx.query<{ found: boolean }>(
    `WITH RECURSIVE above AS (
       SELECT $1::uuid AS id
       UNION SELECT next.depends_on_task_id FROM above CROSS JOIN ${dependenciesWith('task_id', 'above.id')})
     SELECT EXISTS (SELECT 1 FROM above WHERE id = $2) AS found`,
    [taskId, other],
  );
  return rows[0]!.found;
}

/** All that a task waits for, deleted ones too. */
export function listEdgesAbove(tx: TenantContext, taskId: string): Promise<Edge[]> {
  return tx.query<Edge>(
    `WITH RECURSIVE above AS (
       SELECT d.task_id, d.depends_on_task_id FROM "@tenant".task_dependencies d WHERE d.task_id = $1
       UNION SELECT next.task_id, next.depends_on_task_id FROM above CROSS JOIN ${dependenciesWith('task_id', 'above.depends_on_task_id')})
     SELECT task_id AS "taskId", depends_on_task_id AS "dependsOnTaskId" FROM above`,
    [taskId],
  );
}

/** Titles of those that are there and that the actor may see. */
export async function titlesOf(
  tx: TenantContext,
  ids: readonly string[],
  sight: Sight,
): Promise<ReadonlyMap<string, string>> {
  const parameters: unknown[] = [ids];
  const isSeen = seen(sight, 't', (value) => `$${parameters.push(value)}`);
  const rows = await tx.query<{ id: string; title: string }>(
    `SELECT t.id, t.title FROM "@tenant".tasks t WHERE t.id = ANY ($1::uuid[]) AND t.deleted_at IS NULL AND ${isSeen}`,
    parameters,
  );
  return new Map(rows.map(({ id, title }) => [id, title]));
}

/** Between tasks that are there. */
export function listOfProject(ctx: TenantContext, projectId: string): Promise<Dependency[]> {
  return ctx.query<Dependency>(
    `SELECT d.id, d.task_id AS "taskId", d.depends_on_task_id AS "dependsOnTaskId", d.type, ${LAG}
       FROM "@tenant".task_dependencies d
       JOIN "@tenant".tasks s ON s.id = d.task_id JOIN "@tenant".tasks p ON p.id = d.depends_on_task_id
      WHERE d.project_id = $1 AND s.deleted_at IS NULL AND p.deleted_at IS NULL ORDER BY d.id`,
    [projectId],
  );
}

export interface GraphNode extends Neighbour {
  reporterId: string;
}

export interface GraphEdge {
  id: string;
  taskId: string;
  dependsOnTaskId: string;
  type: DependencyType;
  lagHours: number | null;
  lagDays: number | null;
}

export type GraphDirection = 'blocked_by' | 'blocks' | 'both';

/** The tasks that are reached from column to column, step by step. Without a depth the steps are not counted, so that each is visited once. */
const walk = (name: string, to: string, from: string, wanted: string) => `${name} AS (
    SELECT $1::uuid AS id, 0 AS step WHERE ${wanted}::boolean
    UNION SELECT next.${to}, CASE WHEN $2::int IS NULL THEN 0 ELSE ${name}.step + 1 END
      FROM ${name} CROSS JOIN ${dependenciesWith(from, `${name}.id`)}
     WHERE $2::int IS NULL OR ${name}.step < $2)`;

/**
 * Everything that a task waits for and everything that waits for it, with the dependencies between them. Deleted tasks,
 * and what only they connect with the task, are in it as well as far as dependencies go, but not among the nodes.
 *
 * @param depth at most so many steps away; null for all
 */
export async function readGraph(
  ctx: TenantContext,
  taskId: string,
  { direction, depth }: { direction: GraphDirection; depth: number | null },
): Promise<{ nodes: GraphNode[]; edges: GraphEdge[] }> {
  const rows = await ctx.query<{ nodes: GraphNode[]; edges: GraphEdge[] }>(
    `WITH RECURSIVE ${walk('above', 'depends_on_task_id', 'task_id', '$3')},
       ${walk('below', 'task_id', 'depends_on_task_id', '$4')},
       reached AS MATERIALIZED (SELECT $1::uuid AS id UNION SELECT id FROM above UNION SELECT id FROM below)
     SELECT (SELECT coalesce(json_agg(json_build_object('id', t.id, 'title', t.title, 'status', t.status,
                      'statusCategory', t.status_category, 'assigneeId', t.assignee_id, 'reporterId', t.reporter_id,
                      'startDate', t.start_date, 'dueDate', t.due_date) ORDER BY t.id), '[]')
               FROM reached r CROSS JOIN LATERAL (SELECT * FROM "@tenant".tasks WHERE id = r.id OFFSET 0) t
              WHERE t.deleted_at IS NULL) AS nodes,
            (SELECT coalesce(json_agg(json_build_object('id', d.id, 'taskId', d.task_id, 'dependsOnTaskId', d.depends_on_task_id,
                      'type', d.type, 'lagHours', d.lag_hours, 'lagDays', d.lag_days) ORDER BY d.id), '[]')
               FROM reached r CROSS JOIN ${dependenciesWith('task_id', 'r.id', 'd')}
              WHERE d.depends_on_task_id IN (SELECT id FROM reached)) AS edges`,
    [taskId, depth, direction !== 'blocks', direction !== 'blocked_by'],
  );
  return rows[0]!;
}

export interface BlockedTaskRow extends Neighbour {
  createdAt: Date;
  /** How many tasks that the actor may see hold it up. */
  blockers: number;
}

/** Open tasks of a project that are held up by at least one other. */
export function listBlocked(
  ctx: TenantContext,
  projectId: string,
  sight: Sight,
  query: ListQuery,
): Promise<Page<BlockedTaskRow>> {
  const parameters: unknown[] = [projectId];
  const bind: Bind = (value) => `$${parameters.push(value)}`;
  const source: ListSource = {
    select: `t.id, t.title, t.status, t.status_category AS "statusCategory", t.assignee_id AS "assigneeId",
      t.start_date AS "startDate", t.due_date AS "dueDate", t.created_at AS "createdAt", held.blockers`,
    from: `"@tenant".tasks t CROSS JOIN LATERAL (
        SELECT count(*)::int AS blockers FROM ${dependenciesWith('task_id', 't.id', 'd')}
          CROSS JOIN LATERAL (SELECT * FROM "@tenant".tasks WHERE id = d.depends_on_task_id OFFSET 0) p
         WHERE p.deleted_at IS NULL AND ${HOLDS_UP} AND ${seen(sight, 'p', bind)}) held
      WHERE t.project_id = $1 AND t.deleted_at IS NULL AND ${IS_OPEN('t')} AND held.blockers > 0 AND ${seen(sight, 't', bind)}`,
    parameters,
    columns: {
      assigneeId: { sql: 't.assignee_id', type: 'uuid' },
      dueDate: { sql: 't.due_date', type: 'date', nullable: true },
      createdAt: { sql: 't.created_at', type: 'timestamptz' },
    },
    id: { sql: 't.id', type: 'uuid' },
  };
  return listPage<BlockedTaskRow>(ctx, source, query);
}
