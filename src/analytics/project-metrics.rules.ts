import type { StatusRow } from './analytics.queries.ts';

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
    /** What was worked, whatever became of the task. */
    logged: number;
  };
}

/** Puts the figures of a project together. `statuses` are all that the workflow knows, so that an empty one shows as 0. */
export function projectMetrics(
  projectId: string,
  asOf: string,
  rows: StatusRow[],
  statuses: readonly string[],
): ProjectMetrics {
  const byStatus = Object.fromEntries(statuses.map((status) => [status, 0]));
  for (const { status, tasks } of rows) byStatus[status] = tasks;
  const open = rows.filter((row) => row.category === 'todo' || row.category === 'doing');
  const done = rows.filter((row) => row.category === 'done');
  const cancelled = rows.filter((row) => row.category === 'cancelled');
  const inScope = sum([...open, ...done], 'tasks');
  const completed = hours(done);
  const remaining = hours(open);
  return {
    projectId,
    asOf,
    tasks: {
      total: sum(rows, 'tasks'),
      byStatus,
      open: sum(open, 'tasks'),
      done: sum(done, 'tasks'),
      cancelled: sum(cancelled, 'tasks'),
      overdue: sum(open, 'overdue'),
      unassigned: sum(open, 'unassigned'),
    },
    completion: inScope === 0 ? null : Math.round((sum(done, 'tasks') / inScope) * 10_000) / 10_000,
    hours: { estimated: cents(completed + remaining), completed, remaining, logged: hours(rows, 'actualHours') },
  };
}

function sum(rows: StatusRow[], figure: 'tasks' | 'overdue' | 'unassigned'): number {
  return rows.reduce((total, row) => total + row[figure], 0);
}

function hours(rows: StatusRow[], figure: 'estimatedHours' | 'actualHours' = 'estimatedHours'): number {
  return cents(rows.reduce((total, row) => total + Number(row[figure] ?? 0), 0));
}

/** Two decimals, as they are stored: sums of decimals drift in binary. */
function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
