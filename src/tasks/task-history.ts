import { v7 as newId } from 'uuid';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskChange, TaskStatusTransition } from './task-history.entity.ts';
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

type Snapshot = Pick<Task, 'status' | 'statusCategory' | 'deletedAt'> & Pick<Task, Exclude<RecordedField, 'deleted'>>;

const valueOf = (task: Snapshot, field: RecordedField): unknown => (field === 'deleted' ? task.deletedAt !== null : task[field]);

/** The recorded fields in which two states of a task differ. */
export function changedFields(before: Snapshot, after: Snapshot): RecordedField[] {
  return RECORDED.filter((field) => JSON.stringify(valueOf(before, field)) !== JSON.stringify(valueOf(after, field)));
}

/**
 * Writes down what changed between two states of a task, in the transaction of the change. `before` is null for a new
 * task: its first status is recorded, and its first values are the old values of their first change.
 */
export async function recordHistory(tx: TenantContext, before: Snapshot | null, after: Task, at: Date): Promise<void> {
  const common = { taskId: after.id, projectId: after.projectId, actorId: tx.actor.userId, at };
  if (before?.status !== after.status) {
    await tx.repository(TaskStatusTransition).insert({
      ...common,
      id: newId(),
      fromStatus: before?.status ?? null,
      toStatus: after.status,
      fromCategory: before?.statusCategory ?? null,
      toCategory: after.statusCategory,
    });
  }
  const changes = before ? changedFields(before, after) : [];
  if (changes.length === 0) return;
  await tx.repository(TaskChange).insert(
    changes.map((field) => ({
      ...common,
      id: newId(),
      field,
      oldValue: valueOf(before!, field) as never,
      newValue: valueOf(after, field) as never,
    })),
  );
}
