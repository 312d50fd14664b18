import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { PlanMilestone, PlanTask } from './scheduling.types.ts';

export async function readProjectDates(
  ctx: TenantContext,
  projectId: string,
): Promise<{ startDate: string | null; endDate: string | null }> {
  const rows = await ctx.query<{ startDate: string | null; endDate: string | null }>(
    'SELECT start_date AS "startDate", end_date AS "endDate" FROM "@tenant".projects WHERE id = $1',
    [projectId],
  );
  return rows[0] ?? { startDate: null, endDate: null };
}

/** Keeps the open tasks of a project from changing until the transaction ends. @returns how many there are */
export async function lockOpenTasks(tx: TenantContext, projectId: string): Promise<number> {
  const rows = await tx.query(
    `SELECT 1 FROM "@tenant".tasks
      WHERE project_id = $1 AND deleted_at IS NULL AND status_category IN ('todo', 'doing') ORDER BY id FOR NO KEY UPDATE`,
    [projectId],
  );
  return rows.length;
}

export function readTasks(ctx: TenantContext, projectId: string): Promise<PlanTask[]> {
  return ctx.query<PlanTask>(
    `SELECT id, title, status, status_category AS "statusCategory", assignee_id AS "assigneeId", milestone_id AS "milestoneId",
            start_date AS "startDate", due_date AS "dueDate", estimated_hours::float8 AS "estimatedHours",
            remaining_hours::float8 AS "remainingHours", actual_hours::float8 AS "actualHours",
            (started_at AT TIME ZONE 'UTC')::date AS "startedOn", (completed_at AT TIME ZONE 'UTC')::date AS "completedOn"
       FROM "@tenant".tasks WHERE project_id = $1 AND deleted_at IS NULL AND status_category <> 'cancelled' ORDER BY id`,
    [projectId],
  );
}

export function readMilestones(ctx: TenantContext, projectId: string): Promise<PlanMilestone[]> {
  return ctx.query<PlanMilestone>(
    `SELECT id, name, due_date AS "dueDate", completed_at IS NOT NULL AS "isCompleted" FROM "@tenant".milestones
      WHERE project_id = $1 AND deleted_at IS NULL ORDER BY due_date NULLS LAST, id`,
    [projectId],
  );
}
