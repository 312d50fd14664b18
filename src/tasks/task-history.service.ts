import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskChange, TaskStatusTransition } from './task-history.entity.ts';
import { changedFields, valueOf, type Snapshot } from './task-history.rules.ts';
import type { Task } from './task.entity.ts';

@Injectable()
export class TaskHistoryService {
  /**
   * Writes down what changed between two states of a task, in the transaction of the change. `before` is null for a new
   * task: its first status is recorded, and its first values are the old values of their first change.
   */
  async record(tx: TenantContext, before: Snapshot | null, after: Task, at: Date): Promise<void> {
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

  /** Writes down a change of what another module keeps of a task. */
  async recordChange(
    tx: TenantContext,
    { id, projectId }: Pick<Task, 'id' | 'projectId'>,
    field: string,
    oldValue: unknown,
    newValue: unknown,
    at: Date,
  ): Promise<void> {
    const values = { oldValue: oldValue as never, newValue: newValue as never };
    await tx
      .repository(TaskChange)
      .insert({ id: newId(), taskId: id, projectId, actorId: tx.actor.userId, at, field, ...values });
  }
}
