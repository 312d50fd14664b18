import type { Task } from './task.entity.ts';

/** Fields whose every change is kept. The status has a table of its own; `deleted` tells when a task left the scope. */
const RECORDED = [
  'title',
  'description',
  'priority',
  'assigneeId',
  'reporterId',
  'parentId',
  'startDate',
  'dueDate',
  'estimatedHours',
  'tags',
  'deleted',
] as const;

export type RecordedField = (typeof RECORDED)[number];

/** What the history looks at of a task. */
export type Snapshot = Pick<Task, 'status' | 'statusCategory' | 'deletedAt'> &
  Pick<Task, Exclude<RecordedField, 'deleted'>>;

export function valueOf(task: Snapshot, field: RecordedField): unknown {
  return field === 'deleted' ? task.deletedAt !== null : task[field];
}

/** The recorded fields in which two states of a task differ. */
export function changedFields(before: Snapshot, after: Snapshot): RecordedField[] {
  return RECORDED.filter((field) => JSON.stringify(valueOf(before, field)) !== JSON.stringify(valueOf(after, field)));
}
