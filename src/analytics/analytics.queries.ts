import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/** The tasks of a project in one status. */
export interface StatusRow {
  status: string;
  category: 'todo' | 'doing' | 'done' | 'cancelled';
  tasks: number;
  /** Due before today. */
  overdue: number;
  unassigned: number;
  /** Decimal text; null when none is estimated. */
  estimatedHours: string | null;
  /** Decimal text: what was logged. */
  actualHours: string;
}

/**
 * One statement, so that all figures are of the same state.
 *
 * @param today the day that "overdue" is measured against, `YYYY-MM-DD`
 */
export function sumByStatus(ctx: TenantContext, projectId: string, today: string): Promise<StatusRow[]> {
  return ctx.query<StatusRow>(
    `SELECT status, status_category AS category, count(*)::int AS tasks,
            count(*) FILTER (WHERE due_date < $2::date)::int AS overdue,
            count(*) FILTER (WHERE assignee_id IS NULL)::int AS unassigned,
            sum(estimated_hours) AS "estimatedHours", sum(actual_hours) AS "actualHours"
       FROM "@tenant".tasks WHERE project_id = $1 AND deleted_at IS NULL
      GROUP BY status, status_category`,
    [projectId, today],
  );
}
