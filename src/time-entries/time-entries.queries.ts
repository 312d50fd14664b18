import { listPage, type ListColumn, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { TimeEntry } from './time-entry.entity.ts';
import type { TimeRules, TotalKey } from './time-entry.types.ts';

export interface TimeEntryRow extends Omit<TimeEntry, 'deletedAt'> {
  /** Another entry of the same person says that they worked at the same moment. */
  overlapping: boolean;
}

const SELECT = `e.id, e.task_id AS "taskId", e.project_id AS "projectId", e.user_id AS "userId", e.day,
  e.started_at AS "startedAt", e.ended_at AS "endedAt", e.by_day AS "byDay", e.minutes,
  e.rounded_minutes AS "roundedMinutes", e.note, e.billable, e.source, e.created_at AS "createdAt",
  e.updated_at AS "updatedAt", e.version,
  NOT e.by_day AND EXISTS (
    SELECT FROM "@tenant".time_entries o
     WHERE o.user_id = e.user_id AND o.id <> e.id AND o.deleted_at IS NULL AND NOT o.by_day
       AND o.day BETWEEN e.day - 2 AND e.day + 2 AND o.started_at < coalesce(e.ended_at, 'infinity')
       AND coalesce(o.ended_at, 'infinity') > e.started_at) AS overlapping`;

const COLUMNS: Record<string, ListColumn> = {
  taskId: { sql: 'e.task_id', type: 'uuid' },
  projectId: { sql: 'e.project_id', type: 'uuid' },
  userId: { sql: 'e.user_id', type: 'uuid' },
  date: { sql: 'e.day', type: 'date' },
  startedAt: { sql: 'e.started_at', type: 'timestamptz' },
  createdAt: { sql: 'e.created_at', type: 'timestamptz' },
  minutes: { sql: 'e.minutes', type: 'numeric', nullable: true },
  note: { sql: 'e.note', type: 'text', nullable: true },
  billable: { sql: 'e.billable', type: 'boolean' },
  source: { sql: 'e.source', type: 'text' },
  running: { sql: '(e.ended_at IS NULL)', type: 'boolean' },
};

/** The entries `e` that meet a condition, which the parameters belong to. */
export function listEntries(
  ctx: TenantContext,
  condition: string,
  parameters: unknown[],
  query: ListQuery,
): Promise<Page<TimeEntryRow>> {
  const source: ListSource = {
    select: SELECT,
    from: `"@tenant".time_entries e WHERE e.deleted_at IS NULL AND ${condition}`,
    parameters,
    columns: COLUMNS,
    id: { sql: 'e.id', type: 'uuid' },
  };
  return listPage<TimeEntryRow>(ctx, source, query);
}

/** @param idsWithin a subquery, which the parameters belong to */
export async function listIds(ctx: TenantContext, idsWithin: string, parameters: unknown[]): Promise<string[]> {
  const rows = await ctx.query<{ id: string }>(`SELECT id FROM (${idsWithin}) reachable ORDER BY id`, parameters);
  return rows.map(({ id }) => id);
}

/** @param condition on `e`, which the parameters belong to */
export async function findEntry(
  ctx: TenantContext,
  id: string,
  condition: string,
  parameters: unknown[],
): Promise<TimeEntryRow | null> {
  const rows = await ctx.query<TimeEntryRow>(
    `SELECT ${SELECT} FROM "@tenant".time_entries e
      WHERE e.id = $${parameters.length + 1} AND e.deleted_at IS NULL AND ${condition}`,
    [...parameters, id],
  );
  return rows[0] ?? null;
}

/** The task of an entry, deleted or not; null when there is none. @param condition on `e`, which the parameters belong to */
export async function findTaskOf(
  ctx: TenantContext,
  id: string,
  condition: string,
  parameters: unknown[],
): Promise<string | null> {
  const rows = await ctx.query<{ taskId: string }>(
    `SELECT e.task_id AS "taskId" FROM "@tenant".time_entries e WHERE e.id = $${parameters.length + 1} AND ${condition}`,
    [...parameters, id],
  );
  return rows[0]?.taskId ?? null;
}

export async function findRunning(ctx: TenantContext, userId: string): Promise<TimeEntryRow | null> {
  const rows = await ctx.query<TimeEntryRow>(
    `SELECT ${SELECT} FROM "@tenant".time_entries e WHERE e.user_id = $1 AND e.ended_at IS NULL AND e.deleted_at IS NULL`,
    [userId],
  );
  return rows[0] ?? null;
}

/** Also of one that was deleted; what is summed up over its entries is so under this lock. The project comes first, as everywhere. */
export async function lockTask(tx: TenantContext, taskId: string): Promise<void> {
  await tx.query(
    `SELECT 1 FROM "@tenant".projects p JOIN "@tenant".tasks t ON t.project_id = p.id WHERE t.id = $1 FOR KEY SHARE OF p`,
    [taskId],
  );
  await tx.query('SELECT 1 FROM "@tenant".tasks WHERE id = $1 FOR NO KEY UPDATE', [taskId]);
}

/** Rounded hours of the finished entries of a task, with two decimals. */
export async function sumHours(tx: TenantContext, taskId: string): Promise<number> {
  const rows = await tx.query<{ hours: number }>(
    `SELECT round(coalesce(sum(rounded_minutes), 0) / 60.0, 2)::float8 AS hours
       FROM "@tenant".time_entries WHERE task_id = $1 AND deleted_at IS NULL`,
    [taskId],
  );
  return rows[0]!.hours;
}

/** Also of a project that was deleted. */
export async function findRules(ctx: TenantContext, projectId: string): Promise<TimeRules> {
  const rows = await ctx.query<TimeRules>(
    `SELECT round_to AS "roundTo", rounding_mode AS mode FROM "@tenant".projects WHERE id = $1`,
    [projectId],
  );
  return rows[0]!;
}

const GROUPS: Record<TotalKey, { column: string; name: string }> = {
  task: { column: 'e.task_id', name: 'taskId' },
  project: { column: 'e.project_id', name: 'projectId' },
  user: { column: 'e.user_id', name: 'userId' },
  week: { column: `date_trunc('week', e.day::timestamp)::date`, name: 'week' },
};

export interface TotalRow {
  taskId?: string;
  projectId?: string;
  userId?: string;
  week?: string;
  entries: number;
  minutes: number;
  roundedMinutes: number;
  billableMinutes: number;
}

/** @param condition on `e`, which the parameters belong to */
export function sumEntries(
  ctx: TenantContext,
  keys: TotalKey[],
  condition: string,
  parameters: unknown[],
  limit: number,
): Promise<TotalRow[]> {
  const groups = keys.map((key) => GROUPS[key]);
  const columns = groups.map(({ column, name }) => `${column} AS "${name}", `).join('');
  const places = groups.map((_, i) => i + 1).join(', ');
  return ctx.query<TotalRow>(
    `SELECT ${columns}count(*)::int AS entries, coalesce(sum(e.minutes), 0)::float8 AS minutes,
            coalesce(sum(e.rounded_minutes), 0)::float8 AS "roundedMinutes",
            coalesce(sum(e.rounded_minutes) FILTER (WHERE e.billable), 0)::float8 AS "billableMinutes"
       FROM "@tenant".time_entries e WHERE e.deleted_at IS NULL AND e.ended_at IS NOT NULL AND ${condition}
      ${places && `GROUP BY ${places} ORDER BY ${places}`} LIMIT ${limit}`,
    parameters,
  );
}
