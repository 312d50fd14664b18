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

/** Tasks of the projects that `projectIds` (a subquery with its parameters) selects. */
export function listTasks(
  ctx: TenantContext,
  projectIds: string,
  parameters: unknown[],
  query: ListQuery,
): Promise<Page<TaskRow>> {
  const source: ListSource = {
    select: SELECT,
    from: `"@tenant".tasks t WHERE t.deleted_at IS NULL AND t.project_id IN (${projectIds})`,
    parameters,
    columns: COLUMNS,
    sortColumns: SORT_COLUMNS,
    id: { sql: 't.id', type: 'uuid' },
  };
  return listPage<TaskRow>(ctx, source, query);
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
  at: Date;
}

/** Moves and changes of one task in one list; a move is a change of the field `status`. */
export function listHistory(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<HistoryRow>> {
  const source: ListSource = {
    select: `h.id, h.field, h.old_value AS "oldValue", h.new_value AS "newValue", h.actor_id AS "actorId", h.at`,
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
