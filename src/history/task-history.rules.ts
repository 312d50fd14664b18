import type { FieldChange, TaskState } from './history.types.ts';

/** Fields whose every change is kept. A change of the status is recorded with its categories; `deleted` tells when a task left the scope. */
const RECORDED = [
  'title',
  'description',
  'priority',
  'assigneeId',
  'reporterId',
  'parentId',
  'milestoneId',
  'startDate',
  'dueDate',
  'estimatedHours',
  'remainingHours',
  'tags',
  'deleted',
] as const;

/** The recorded fields in which two states of a task differ. */
export function changesBetween(before: TaskState, after: TaskState): FieldChange[] {
  return RECORDED.map((field) => ({
    field,
    oldValue: valueOf(before, field),
    newValue: valueOf(after, field),
  })).filter(({ oldValue, newValue }) => JSON.stringify(oldValue) !== JSON.stringify(newValue));
}

function valueOf(task: TaskState, field: (typeof RECORDED)[number]): unknown {
  return field === 'deleted' ? task.deletedAt !== null : task[field];
}
