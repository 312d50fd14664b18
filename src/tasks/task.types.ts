import type { SetChange } from '../platform/database/set-change.ts';

export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface TaskFields {
  title: string;
  description?: string | null;
  /** A key of the project's workflow. */
  status?: string;
  priority?: Priority;
  assigneeId?: string | null;
  reporterId?: string;
  startDate?: string | null;
  dueDate?: string | null;
  estimatedHours?: number | null;
  remainingHours?: number | null;
  tags?: SetChange;
  parentId?: string | null;
  milestoneId?: string | null;
}

export type NewTask = TaskFields & { projectId: string };
export type TaskChanges = Partial<TaskFields>;

/** Something that whoever changed a task should know, though it was done. */
export interface TaskWarning {
  code: 'wip_limit';
  message: string;
}

/** New dates of a task, `YYYY-MM-DD`. */
export interface DateChange {
  taskId: string;
  before: { startDate: string | null; dueDate: string | null };
  after: { startDate: string; dueDate: string };
}
