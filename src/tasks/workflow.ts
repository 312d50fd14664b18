/** What a status means to flow figures, whatever a workflow calls it. */
export type StatusCategory = 'todo' | 'doing' | 'done' | 'cancelled';

/** The workflow that every project starts with; each status can be reached from every other. */
const DEFAULT_WORKFLOW = {
  todo: 'todo',
  in_progress: 'doing',
  in_review: 'doing',
  done: 'done',
  cancelled: 'cancelled',
} as const satisfies Record<string, StatusCategory>;

export type TaskStatus = keyof typeof DEFAULT_WORKFLOW;

export const TASK_STATUSES = Object.keys(DEFAULT_WORKFLOW) as TaskStatus[];

export function categoryOf(status: TaskStatus): StatusCategory {
  return DEFAULT_WORKFLOW[status];
}
