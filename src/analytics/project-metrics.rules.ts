import type { ProjectTotalsRow, StatusCountRow } from './analytics.queries.ts';

export interface ProjectMetrics {
  projectId: string;
  /** The day that "overdue" is measured against, in UTC. */
  asOf: string;
  tasks: {
    total: number;
    byStatus: Record<string, number>;
    open: number;
    done: number;
    cancelled: number;
    overdue: number;
    unassigned: number;
  };
  /** Share of the tasks in scope that is done, 0 to 1; null when nothing is in scope. Cancelled tasks are out of scope. */
  completion: number | null;
  hours: {
    /** Sum over tasks in scope. */
    estimated: number;
    /** Sum over done tasks. */
    completed: number;
    remaining: number;
  };
}

/** Puts the figures of a project together. `statuses` are all that the workflow knows, so that an empty one shows as 0. */
export function projectMetrics(
  projectId: string,
  asOf: string,
  counts: StatusCountRow[],
  totals: ProjectTotalsRow,
  statuses: readonly string[],
): ProjectMetrics {
  const byStatus = Object.fromEntries(statuses.map((status) => [status, 0]));
  for (const { status, tasks } of counts) byStatus[status] = tasks;
  const { tasks: total, done, cancelled, overdue, unassigned } = totals;
  const inScope = total - cancelled;
  const estimated = Number(totals.estimatedHours ?? 0);
  const completed = Number(totals.completedEstimatedHours ?? 0);
  return {
    projectId,
    asOf,
    tasks: { total, byStatus, open: inScope - done, done, cancelled, overdue, unassigned },
    completion: inScope === 0 ? null : Math.round((done / inScope) * 10_000) / 10_000,
    hours: { estimated, completed, remaining: Math.round((estimated - completed) * 100) / 100 },
  };
}
