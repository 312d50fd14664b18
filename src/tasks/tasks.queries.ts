import type { Opening, Reach } from '../platform/access/abilities.ts';
import { listPage, type ListColumn, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Task } from './task.entity.ts';

export type TaskRow = Omit<Task, 'deletedAt' | 'moveTo'>;

const SELECT = `t.id, t.project_id AS "projectId", t.parent_id AS "parentId", t.title, t.description, t.status,
  t.status_category AS "statusCategory", t.priority, t.assignee_id AS "assigneeId", t.reporter_id AS "reporterId",
  t.start_date AS "startDate", t.due_date AS "dueDate", t.estimated_hours::float8 AS "estimatedHours", t.tags,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.started_at AS "startedAt", t.completed_at AS "completedAt", t.version`;

const COLUMNS: Record<string, ListColumn> = {
  projectId: { sql: 't.project_id', type: 'uuid' },
  status: { sql: 't.status', type: 'text' },
  statusCategory: { sql: 't.status_category', type: 'text' },
  priority: { sql: 't.priority', type: 'text' },
  assigneeId: { sql: 't.assignee_id', type: 'uuid' },
  reporterId: { sql: 't.reporter_id', type: 'uuid' },
  parentId: { sql: 't.parent_id', type: 'uuid' },
  tags: { sql: 't.tags', type: 'text[]' },
  title: { sql: 't.title', type: 'text' },
  estimatedHours: { sql: 't.estimated_hours', type: 'numeric', nullable: true },
  startDate: { sql: 't.start_date', type: 'date', nullable: true },
  dueDate: { sql: 't.due_date', type: 'date', nullable: true },
  createdAt: { sql: 't.created_at', type: 'timestamptz' },
  updatedAt: { sql: 't.updated_at', type: 'timestamptz' },
  completedAt: { sql: 't.completed_at', type: 'timestamptz', nullable: true },
};

/** Filtered by its name, sorted by its urgency. */
const SORT_COLUMNS: Record<string, ListColumn> = {
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
 * @param idsWithin gives the ids of the projects within a part of the reach, as a subquery
 * @param me the place of the actor's id
 */
export function within(reach: Reach, idsWithin: (part: Reach) => string, me: () => string): string {
  if (reach === 'all projects') return `t.project_id IN (${idsWithin(reach)})`;
  const ofProjects = reach.filter(({ condition }) => !OF_THE_TASK[condition]);
  const alternatives = ofProjects.length > 0 ? [`t.project_id IN (${idsWithin(ofProjects)})`] : [];
  for (const opening of reach) {
    const ofTheTask = OF_THE_TASK[opening.condition];
    if (ofTheTask) alternatives.push(`${ofTheTask(me())} AND t.project_id IN (${idsWithin([opening])})`);
  }
  return alternatives.length > 0 ? `(${alternatives.join(' OR ')})` : 'false';
}

/** The tasks `t` that meet a condition, which the parameters belong to. */
export function listTasks(
  ctx: TenantContext,
  condition: string,
  parameters: unknown[],
  query: ListQuery,
): Promise<Page<TaskRow>> {
  const source: ListSource = {
    select: SELECT,
    from: `"@tenant".tasks t WHERE t.deleted_at IS NULL AND ${condition}`,
    parameters,
    columns: COLUMNS,
    sortColumns: SORT_COLUMNS,
    id: { sql: 't.id', type: 'uuid' },
  };
  return listPage<TaskRow>(ctx, source, query);
}

/** Who has open tasks in which projects: of one person, of one project, or of both. */
export function listOpenAssignments(
  ctx: TenantContext,
  { userId = null, projectId = null }: { userId?: string | null; projectId?: string | null },
): Promise<{ assigneeId: string; projectId: string }[]> {
  return ctx.query(
    `SELECT DISTINCT t.assignee_id AS "assigneeId", t.project_id AS "projectId" FROM "@tenant".tasks t
      WHERE t.deleted_at IS NULL AND t.assignee_id IS NOT NULL AND t.status_category NOT IN ('done', 'cancelled')
        AND ($1::uuid IS NULL OR t.assignee_id = $1) AND ($2::uuid IS NULL OR t.project_id = $2)
      ORDER BY 2, 1`,
    [userId, projectId],
  );
}

export async function findTask(ctx: TenantContext, id: string): Promise<TaskRow | null> {
  const rows = await ctx.query<TaskRow>(
    `SELECT ${SELECT} FROM "@tenant".tasks t WHERE t.id = $1 AND t.deleted_at IS NULL`,
    [id],
  );
  return rows[0] ?? null;
}

/** One change of parents at a time in a project, until the transaction ends. */
export async function lockTree(tx: TenantContext, projectId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `task parents ${tx.tenant.id} ${projectId}`,
  ]);
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

export interface HistoryRow {
  id: string;
  field: string;
  oldValue: unknown;
  newValue: unknown;
  actorId: string | null;
  /** Also of somebody who was deleted since; null for the product itself. */
  actorName: string | null;
  at: Date;
}

/** Moves and changes of one task in one list; a move is a change of the field `status`. */
export function listHistory(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<HistoryRow>> {
  const source: ListSource = {
    select: `h.id, h.field, h.old_value AS "oldValue", h.new_value AS "newValue", h.actor_id AS "actorId",
      (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = h.actor_id) AS "actorName", h.at`,
    from: `(SELECT id, 'status' AS field, to_jsonb(from_status) AS old_value, to_jsonb(to_status) AS new_value, actor_id, at
              FROM "@tenant".task_status_transitions WHERE task_id = $1
            UNION ALL
            SELECT id, field, old_value, new_value, actor_id, at FROM "@tenant".task_changes WHERE task_id = $1) h WHERE true`,
    parameters: [taskId],
    columns: { field: { sql: 'h.field', type: 'text' }, at: { sql: 'h.at', type: 'timestamptz' } },
    id: { sql: 'h.id', type: 'uuid' },
  };
  return listPage<HistoryRow>(ctx, source, query);
}
