import type { Opening, Reach } from '../platform/access/abilities.ts';
import { filteredBy, listPage, type ListColumn, type ListSource } from '../platform/database/keyset.ts';
import type { Filters, ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Task } from './task.entity.ts';

export type TaskRow = Omit<Task, 'deletedAt' | 'moveTo'>;

const SELECT = `t.id, t.project_id AS "projectId", t.parent_id AS "parentId", t.milestone_id AS "milestoneId", t.title, t.description, t.status,
  t.status_category AS "statusCategory", t.priority, t.assignee_id AS "assigneeId", t.reporter_id AS "reporterId",
  t.start_date AS "startDate", t.due_date AS "dueDate", t.estimated_hours::float8 AS "estimatedHours",
  t.remaining_hours::float8 AS "remainingHours", t.actual_hours::float8 AS "actualHours", t.tags, t.position,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.started_at AS "startedAt", t.completed_at AS "completedAt", t.version`;

const COLUMNS: Record<string, ListColumn> = {
  id: { sql: 't.id', type: 'uuid' },
  projectId: { sql: 't.project_id', type: 'uuid' },
  status: { sql: 't.status', type: 'text' },
  statusCategory: { sql: 't.status_category', type: 'text' },
  priority: { sql: 't.priority', type: 'text' },
  assigneeId: { sql: 't.assignee_id', type: 'uuid', nullable: true },
  reporterId: { sql: 't.reporter_id', type: 'uuid' },
  parentId: { sql: 't.parent_id', type: 'uuid', nullable: true },
  milestoneId: { sql: 't.milestone_id', type: 'uuid', nullable: true },
  tags: { sql: 't.tags', type: 'text[]', searchedAs: 't.id' },
  title: { sql: 't.title', type: 'text', searchedAs: 't.id' },
  description: { sql: 't.description', type: 'text' },
  estimatedHours: { sql: 't.estimated_hours', type: 'numeric', nullable: true },
  remainingHours: { sql: 't.remaining_hours', type: 'numeric', nullable: true },
  actualHours: { sql: 't.actual_hours', type: 'numeric' },
  position: { sql: 't.position', type: 'text' },
  startDate: { sql: 't.start_date', type: 'date', nullable: true },
  dueDate: { sql: 't.due_date', type: 'date', nullable: true },
  createdAt: { sql: 't.created_at', type: 'timestamptz' },
  updatedAt: { sql: 't.updated_at', type: 'timestamptz' },
  startedAt: { sql: 't.started_at', type: 'timestamptz', nullable: true },
  completedAt: { sql: 't.completed_at', type: 'timestamptz', nullable: true },
  version: { sql: 't.version', type: 'numeric' },
};

/** Filtered by their names, sorted by urgency and by how far a task is. */
const SORT_COLUMNS: Record<string, ListColumn> = {
  statusCategory: {
    sql: `array_position(ARRAY['todo', 'doing', 'done', 'cancelled'], t.status_category)`,
    type: 'numeric',
  },
  priority: { sql: `array_position(ARRAY['low', 'medium', 'high', 'urgent'], t.priority)`, type: 'numeric' },
};

/** Where a condition is about the task itself and not only about its project. */
const OF_THE_TASK: Partial<Record<Opening['condition'], (me: string) => string>> = {
  involved: (me) => `(t.assignee_id = ${me} OR t.reporter_id = ${me})`,
  assignee: (me) => `t.assignee_id = ${me}`,
  reporter: (me) => `t.reporter_id = ${me}`,
};

/**
 * Which tasks `t` are within a reach, as a condition: the same answer as the policy gives for one task.
 *
 * @param isWithin gives the condition that a task's project is within a part of the reach
 * @param me the place of the actor's id
 */
export function within(reach: Reach, isWithin: (part: Reach) => string, me: () => string): string {
  if (reach === 'all projects') return isWithin(reach);
  const ofProjects = reach.filter(({ condition }) => !OF_THE_TASK[condition]);
  const alternatives = ofProjects.length > 0 ? [isWithin(ofProjects)] : [];
  for (const opening of reach) {
    const ofTheTask = OF_THE_TASK[opening.condition];
    if (ofTheTask) alternatives.push(`${ofTheTask(me())} AND ${isWithin([opening])}`);
  }
  return alternatives.length > 0 ? `(${alternatives.join(' OR ')})` : 'false';
}

/** The same for the tasks of the one project whose id is the first parameter: asked once for all of them. */
export function isFirstWithin(ids: string): string {
  return `EXISTS (SELECT 1 FROM (${ids}) reachable WHERE reachable.id = $1)`;
}

/** The tasks `t` that meet a condition, which the parameters belong to. */
export function listTasks(
  ctx: TenantContext,
  condition: string,
  parameters: unknown[],
  query: ListQuery,
): Promise<Page<TaskRow>> {
  return listPage<TaskRow>(ctx, { select: SELECT, ...sourceOf(condition, parameters) }, query);
}

/** Which tasks `t` meet a condition, which the parameters belong to. */
function sourceOf(condition: string, parameters: unknown[]): Omit<ListSource, 'select'> {
  return {
    from: `"@tenant".tasks t WHERE t.deleted_at IS NULL AND ${condition}`,
    parameters,
    columns: COLUMNS,
    sortColumns: SORT_COLUMNS,
    id: { sql: 't.id', type: 'uuid' },
    searched: 'task',
  };
}

/** The first tasks of each status that meet the condition and the filters, as they stand. */
export function listColumns(
  ctx: TenantContext,
  condition: string,
  values: unknown[],
  { statuses, limit, filters }: { statuses: string[]; limit: number; filters: Filters },
): Promise<TaskRow[]> {
  const { from, parameters } = filteredBy(sourceOf(condition, values), filters);
  const [keys, most] = [parameters.length + 1, parameters.length + 2];
  return ctx.query<TaskRow>(
    `SELECT column_task.* FROM unnest($${keys}::text[]) AS status (key) CROSS JOIN LATERAL (
       SELECT ${SELECT} FROM ${from} AND t.status = status.key ORDER BY t.position LIMIT $${most}) column_task`,
    [...parameters, statuses, limit],
  );
}

/** What looks for nothing in particular. */
const ALL: Filters = { conditions: [] };

export async function countByStatus(
  ctx: TenantContext,
  condition: string,
  values: unknown[],
  filters: Filters = ALL,
): Promise<Map<string, number>> {
  const { from, parameters } = filteredBy(sourceOf(condition, values), filters);
  const rows = await ctx.query<{ status: string; tasks: number }>(
    `SELECT t.status, count(*)::int AS tasks FROM ${from} GROUP BY t.status`,
    parameters,
  );
  return new Map(rows.map(({ status, tasks }) => [status, tasks]));
}

export type DeletedTaskRow = TaskRow & { deletedAt: Date };

export function listDeletedTasks(
  ctx: TenantContext,
  projectId: string,
  query: ListQuery,
): Promise<Page<DeletedTaskRow>> {
  const source: ListSource = {
    select: `${SELECT}, t.deleted_at AS "deletedAt"`,
    from: `"@tenant".tasks t WHERE t.deleted_at IS NOT NULL AND t.project_id = $1`,
    parameters: [projectId],
    columns: {
      title: COLUMNS['title']!,
      deletedAt: { sql: 't.deleted_at', type: 'timestamptz' },
    },
    id: { sql: 't.id', type: 'uuid' },
  };
  return listPage<DeletedTaskRow>(ctx, source, query);
}

/** Who has open tasks in which projects: of one person, of one project, or of both. */
export function listOpenAssignments(
  ctx: TenantContext,
  { userId = null, projectId = null }: { userId?: string | null; projectId?: string | null },
): Promise<{ projectId: string; assigneeIds: string[] }[]> {
  return ctx.query(
    `SELECT t.project_id AS "projectId", array_agg(DISTINCT t.assignee_id) AS "assigneeIds" FROM "@tenant".tasks t
      WHERE t.deleted_at IS NULL AND t.assignee_id IS NOT NULL AND t.status_category NOT IN ('done', 'cancelled')
        AND ($1::uuid IS NULL OR t.assignee_id = $1) AND ($2::uuid IS NULL OR t.project_id = $2)
      GROUP BY t.project_id ORDER BY t.project_id`,
    [userId, projectId],
  );
}

/** A task that is there, in a project that is there. */
export async function findTask(ctx: TenantContext, id: string): Promise<TaskRow | null> {
  const rows = await ctx.query<TaskRow>(
    `SELECT ${SELECT} FROM "@tenant".tasks t
      WHERE t.id = $1 AND t.deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM "@tenant".projects p WHERE p.id = t.project_id AND p.deleted_at IS NULL)`,
    [id],
  );
  return rows[0] ?? null;
}

/**
 * The same with columns of its project `p`.
 *
 * @param parameters the task's id, and those of the columns
 */
export async function findTaskWith<Columns extends object>(
  ctx: TenantContext,
  columns: string,
  parameters: [id: string, ...others: unknown[]],
): Promise<(TaskRow & Columns) | null> {
  const rows = await ctx.query<TaskRow & Columns>(
    `SELECT ${SELECT}, ${columns} FROM "@tenant".tasks t JOIN "@tenant".projects p ON p.id = t.project_id
      WHERE t.id = $1 AND t.deleted_at IS NULL AND p.deleted_at IS NULL`,
    parameters,
  );
  return rows[0] ?? null;
}

/**
 * Keeps the project of a task from being archived or deleted, and its workflow from being replaced, until the transaction
 * ends. Asked for before the task itself is locked, as by those who replace the workflow: else the two wait for each other.
 */
export async function holdProjectOf(tx: TenantContext, taskId: string): Promise<void> {
  await tx.query(
    `SELECT 1 FROM "@tenant".projects p JOIN "@tenant".tasks t ON t.project_id = p.id WHERE t.id = $1 FOR KEY SHARE OF p`,
    [taskId],
  );
}

/** Where something can be put: between two keys; null where there is nothing on that side. */
export interface Gap {
  before: string | null;
  after: string | null;
}

/**
 * The gap directly behind a neighbour or before it, or at one end of all tasks; null when there is no such neighbour in the project. Deleted tasks keep their
 * places, for they may come back to them.
 */
export async function findGap(
  tx: TenantContext,
  task: Pick<Task, 'id' | 'projectId'>,
  { neighbourId, isBehind }: { neighbourId: string | null; isBehind: boolean },
): Promise<Gap | null> {
  const rows = await tx.query<Gap & { found: boolean }>(
    `WITH neighbour AS (
       SELECT position FROM "@tenant".tasks WHERE id = $3 AND id <> $1 AND project_id = $2 AND deleted_at IS NULL)
     SELECT $3::uuid IS NULL OR EXISTS (SELECT 1 FROM neighbour) AS found,
       CASE WHEN $4 THEN (SELECT position FROM neighbour) ELSE
         (SELECT position FROM "@tenant".tasks WHERE project_id = $2 AND id <> $1
             AND ($3::uuid IS NULL OR position < (SELECT position FROM neighbour)) ORDER BY position DESC LIMIT 1)
       END AS before,
       CASE WHEN NOT $4 THEN (SELECT position FROM neighbour) ELSE
         (SELECT position FROM "@tenant".tasks WHERE project_id = $2 AND id <> $1
             AND ($3::uuid IS NULL OR position > (SELECT position FROM neighbour)) ORDER BY position LIMIT 1)
       END AS after`,
    [task.id, task.projectId, neighbourId, isBehind],
  );
  const { found, before, after } = rows[0]!;
  return found ? { before, after } : null;
}

/** The tasks that stand around a key, deleted ones among them, and the keys on both sides of them all. */
export async function findStretch(
  tx: TenantContext,
  projectId: string,
  position: string,
  each: number,
): Promise<{ ids: string[]; gap: Gap }> {
  const rows = await tx.query<{ id: string; position: string }>(
    `(SELECT id, position FROM "@tenant".tasks WHERE project_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3)
     UNION ALL
     (SELECT id, position FROM "@tenant".tasks WHERE project_id = $1 AND position >= $2 ORDER BY position LIMIT $3)`,
    [projectId, position, each + 1],
  );
  const [behind, before] = [
    rows.filter((row) => row.position >= position),
    rows.filter((row) => row.position < position),
  ];
  const gap = {
    before: before.length > each ? before.at(-1)!.position : null,
    after: behind.length > each ? behind.at(-1)!.position : null,
  };
  const inside = [...before.slice(0, each).toReversed(), ...behind.slice(0, each)];
  return { ids: inside.map(({ id }) => id), gap };
}

/** The projects of some tasks, also of deleted ones. */
export async function projectsOf(ctx: TenantContext, taskIds: string[]): Promise<string[]> {
  const rows = await ctx.query<{ id: string }>(
    'SELECT DISTINCT project_id AS id FROM "@tenant".tasks WHERE id = ANY ($1)',
    [taskIds],
  );
  return rows.map(({ id }) => id);
}

/** One change of the order of a project at a time, until the transaction ends. */
export async function lockOrder(tx: TenantContext, projectId: string): Promise<void> {
  await lockFor(tx, `task order ${projectId}`);
}

/** One more task at a time in a status of a project, until the transaction ends. */
export async function lockStatus(tx: TenantContext, projectId: string, status: string): Promise<void> {
  await lockFor(tx, `task status ${projectId} ${status}`);
}

export async function countInStatus(ctx: TenantContext, projectId: string, status: string): Promise<number> {
  const rows = await ctx.query<{ tasks: number }>(
    'SELECT count(*)::int AS tasks FROM "@tenant".tasks WHERE project_id = $1 AND status = $2 AND deleted_at IS NULL',
    [projectId, status],
  );
  return rows[0]!.tasks;
}

/** One change of parents at a time in a project, until the transaction ends. */
export async function lockTree(tx: TenantContext, projectId: string): Promise<void> {
  await lockFor(tx, `task parents ${projectId}`);
}

async function lockFor(tx: TenantContext, what: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tx.tenant.id} ${what}`]);
}

/** Sums over the subtasks of a task at any depth; cancelled ones are left out. Hours are decimal numbers. */
export interface RollUpRow {
  subtasks: number;
  done: number;
  /** Of the task itself and of everything below it. */
  estimatedHours: number;
  actualHours: number;
  /** As somebody judged it, or else what the estimate leaves; nothing for what is done. */
  remainingHours: number;
  /** The first start and the last due date below and in it. */
  startDate: string | null;
  dueDate: string | null;
}

/** @param visible a condition on `t`, which the parameters behind the first one, the task's id, belong to */
export async function readRollUp(ctx: TenantContext, visible: string, parameters: unknown[]): Promise<RollUpRow> {
  const rows = await ctx.query<RollUpRow>(
    `WITH RECURSIVE tree AS (
       SELECT id, 0 AS depth FROM "@tenant".tasks WHERE id = $1
       UNION ALL SELECT t.id, tree.depth + 1 FROM "@tenant".tasks t JOIN tree ON t.parent_id = tree.id WHERE t.deleted_at IS NULL)
     SELECT count(*) FILTER (WHERE tree.depth > 0)::int AS subtasks,
            count(*) FILTER (WHERE tree.depth > 0 AND t.status_category = 'done')::int AS done,
            coalesce(sum(t.estimated_hours), 0)::float8 AS "estimatedHours",
            coalesce(sum(t.actual_hours), 0)::float8 AS "actualHours",
            coalesce(sum(CASE WHEN t.status_category = 'done' THEN 0
              ELSE coalesce(t.remaining_hours, greatest(t.estimated_hours - t.actual_hours, 0)) END), 0)::float8 AS "remainingHours",
            min(t.start_date) AS "startDate", max(t.due_date) AS "dueDate"
       FROM tree JOIN "@tenant".tasks t ON t.id = tree.id WHERE t.status_category <> 'cancelled' AND ${visible}`,
    parameters,
  );
  return rows[0]!;
}

/** Whether `ancestor` is the task itself or stands above it. */
export async function standsBelow(ctx: TenantContext, taskId: string, ancestor: string): Promise<boolean> {
  const rows = await ctx.query<{ found: boolean }>(
    `WITH RECURSIVE above AS (
       SELECT id, parent_id FROM "@tenant".tasks WHERE id = $1
       UNION SELECT t.id, t.parent_id FROM "@tenant".tasks t JOIN above ON t.id = above.parent_id)
     SELECT EXISTS (SELECT 1 FROM above WHERE id = $2) AS found`,
    [taskId, ancestor],
  );
  return rows[0]!.found;
}
