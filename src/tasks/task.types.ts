/** What a status means to flow figures, whatever a workflow calls it. */
export const STATUS_CATEGORIES = ['todo', 'doing', 'done', 'cancelled'] as const;
export type StatusCategory = (typeof STATUS_CATEGORIES)[number];

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

export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];
