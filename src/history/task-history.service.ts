import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { FieldChange, HistoryRow, StatusCategory, TaskState } from './history.types.ts';
import { TaskChange, TaskStatusTransition } from './task-history.entity.ts';
import { listHistory } from './task-history.queries.ts';
import { changesBetween } from './task-history.rules.ts';

type TaskPlace = Pick<TaskState, 'id' | 'projectId'>;

@Injectable()
export class TaskHistoryService {
  /**
   * Writes down what changed between two states of a task, in the transaction of the change. `before` is null for a new
   * task: its first status is recorded, and its first values are the old values of their first change.
   *
   * @returns the names of the fields that changed, without the status
   */
  async record(tx: TenantContext, before: TaskState | null, after: TaskState, at: Date): Promise<string[]> {
    if (before?.status !== after.status || before.statusCategory !== after.statusCategory) {
      await tx.repository(TaskStatusTransition).insert({
        ...common(tx, after, at),
        fromStatus: before?.status ?? null,
        toStatus: after.status,
        fromCategory: before?.statusCategory ?? null,
        toCategory: after.statusCategory,
      });
    }
    const changes = before ? changesBetween(before, after) : [];
    await this.#recordChanges(tx, after, changes, at);
    return changes.map(({ field }) => field);
  }

  /** Writes down a change of something that belongs to a task and is kept elsewhere, such as its dependencies. */
  async recordChange(
    tx: TenantContext,
    task: TaskPlace,
    field: string,
    oldValue: unknown,
    newValue: unknown,
    at: Date,
  ): Promise<void> {
    await this.#recordChanges(tx, task, [{ field, oldValue, newValue }], at);
  }

  /** Writes down that many tasks of a project went from one status into another, or that the status means something else now. */
  async recordMoves(
    tx: TenantContext,
    projectId: string,
    taskIds: string[],
    from: { status: string; category: StatusCategory },
    to: { status: string; category: StatusCategory },
    at: Date,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO "@tenant".task_status_transitions
         (id, task_id, project_id, from_status, to_status, from_category, to_category, actor_id, at)
       SELECT move.id, move.task_id, $3, $4, $5, $6, $7, $8, $9
         FROM unnest($1::uuid[], $2::uuid[]) AS move (id, task_id)`,
      [
        ...[taskIds.map(() => newId()), taskIds, projectId, from.status, to.status, from.category, to.category],
        ...[tx.actor.userId, at],
      ],
    );
  }

  /** Writes down changes of many tasks of a project, which were made at once. */
  async recordForMany(
    tx: TenantContext,
    projectId: string,
    changes: readonly (FieldChange & { taskId: string })[],
    at: Date,
  ): Promise<void> {
    const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
    await tx.query(
      `INSERT INTO "@tenant".task_changes (id, task_id, project_id, field, old_value, new_value, actor_id, at)
       SELECT change.id, change.task_id, $6, change.field, change.old_value, change.new_value, $7, $8
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::jsonb[])
              AS change (id, task_id, field, old_value, new_value)`,
      [
        changes.map(() => newId()),
        changes.map(({ taskId }) => taskId),
        changes.map(({ field }) => field),
        changes.map(({ oldValue }) => json(oldValue)),
        changes.map(({ newValue }) => json(newValue)),
        ...[projectId, tx.actor.userId, at],
      ],
    );
  }

  /** Moves and changes of one task in one list; who may see it has been asked by the caller. */
  list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<HistoryRow>> {
    return listHistory(ctx, taskId, query);
  }

  async #recordChanges(tx: TenantContext, task: TaskPlace, changes: FieldChange[], at: Date): Promise<void> {
    if (changes.length === 0) return;
    await tx.repository(TaskChange).insert(changes.map((change) => ({ ...common(tx, task, at), ...change }) as never));
  }
}

function common(tx: TenantContext, task: TaskPlace, at: Date) {
  return { id: newId(), taskId: task.id, projectId: task.projectId, actorId: tx.actor.userId, at };
}
