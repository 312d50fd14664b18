import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface StatusCountRow {
  status: string;
  category: string;
  tasks: number;
}

export interface ProjectTotalsRow {
  tasks: number;
  done: number;
  cancelled: number;
  /** Not finished, and due before today. */
  overdue: number;
  unassigned: number;
  /** Decimal texts; null when no task is estimated. */
  estimatedHours: string | null;
  completedEstimatedHours: string | null;
}

export function countByStatus(ctx: TenantContext, projectId: string): Promise<StatusCountRow[]> {
  return ctx.query<StatusCountRow>(
    `SELECT status, status_category AS category, count(*)::int AS tasks
       FROM "@tenant".tasks WHERE project_id = $1 AND deleted_at IS NULL
      GROUP BY status, status_category ORDER BY status`,
    [projectId],
  );
}

/** @param today the day that "overdue" is measured against, `YYYY-MM-DD` */
export async function sumProject(ctx: TenantContext, projectId: string, today: string): Promise<ProjectTotalsRow> {
  const rows = await ctx.query<ProjectTotalsRow>(
    `SELECT count(*)::int AS tasks,
            count(*) FILTER (WHERE status_category = 'done')::int AS done,
            count(*) FILTER (WHERE status_category = 'cancelled')::int AS cancelled,
            count(*) FILTER (WHERE status_category IN ('todo', 'doing') AND due_date < $2::date)::int AS overdue,
            count(*) FILTER (WHERE status_category IN ('todo', 'doing') AND assignee_id IS NULL)::int AS unassigned,
            sum(estimated_hours) FILTER (WHERE status_category <> 'cancelled') AS "estimatedHours",
            sum(estimated_hours) FILTER (WHERE status_category = 'done') AS "completedEstimatedHours"
       FROM "@tenant".tasks WHERE project_id = $1 AND deleted_at IS NULL`,
    [projectId, today],
  );
  return rows[0]!;
}
