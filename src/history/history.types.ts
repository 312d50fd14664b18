/** What a status means to flow figures, whatever a workflow calls it. */
export const STATUS_CATEGORIES = ['todo', 'doing', 'done', 'cancelled'] as const;
export type StatusCategory = (typeof STATUS_CATEGORIES)[number];

/** What the history knows of a task: its place, its status, and the fields whose every change is kept. */
export interface TaskState {
  id: string;
  projectId: string;
  status: string;
  statusCategory: StatusCategory;
  deletedAt: Date | null;
  title: string;
  description: string | null;
  priority: string;
  assigneeId: string | null;
  reporterId: string;
  parentId: string | null;
  milestoneId: string | null;
  startDate: string | null;
  dueDate: string | null;
  estimatedHours: number | null;
  remainingHours: number | null;
  tags: string[];
}

/** One field before and after. */
export interface FieldChange {
  field: string;
  oldValue: unknown;
  newValue: unknown;
}

/** What belongs to a project as a whole, and is shown in its activity. */
export type ProjectSubject = 'project' | 'milestone' | 'workflow' | 'member' | 'team' | 'resource';

/** What belongs to a task and has a history of its own, which the activity of the project does not show. */
export type TaskPart = 'comment' | 'time_entry';

/** What a change is of. */
export type Subject =
  | { entityType: 'task'; entityId: string; projectId: string; taskId: string }
  | { entityType: TaskPart; entityId: string; projectId: null; taskId: string }
  | { entityType: ProjectSubject; entityId: string; projectId: string; taskId: null };

export interface HistoryRow {
  id: string;
  field: string;
  oldValue: unknown;
  newValue: unknown;
  actorId: string | null;
  /** Also of somebody who was deleted since; null for the product itself. */
  actorName: string | null;
  at: Date;
}
