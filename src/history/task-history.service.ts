import { Injectable } from '@nestjs/common';
import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { changesOfEntity } from './history.queries.ts';
import { HistoryService, type NewChange } from './history.service.ts';
import type { FieldChange, HistoryRow, StatusCategory, TaskPart, TaskState } from './history.types.ts';
import { changesBetween } from './task-history.rules.ts';

type TaskPlace = Pick<TaskState, 'id' | 'projectId'>;

interface StatusPlace {
  status: string;
  category: StatusCategory;
}

@Injectable()
export class TaskHistoryService {
  constructor(private readonly log: HistoryService) {}

  /**
   * Writes down what changed between two states of a task, in the transaction of the change. `before` is null for a new
   * task: its first status is recorded, and its first values are the old values of their first change.
   *
   * @returns the names of the fields that changed, without the status
   */
  async record(tx: TenantContext, before: TaskState | null, after: TaskState, at: Date): Promise<string[]> {
    const changes = before ? changesBetween(before, after) : [];
    const hasMoved = before?.status !== after.status || before.statusCategory !== after.statusCategory;
    const moves = hasMoved ? [move(after, before && placeOf(before), placeOf(after))] : [];
    await this.log.put(tx, [...moves, ...changes.map((change) => ofTask(after, change))], at);
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
    await this.log.put(tx, [ofTask(task, { field, oldValue, newValue })], at);
  }

  /** Writes down that many tasks of a project went from one status into another, or that the status means something else now. */
  async recordMoves(
    tx: TenantContext,
    projectId: string,
    taskIds: string[],
    from: StatusPlace,
    to: StatusPlace,
    at: Date,
  ): Promise<void> {
    await this.log.put(
      tx,
      taskIds.map((id) => move({ id, projectId }, from, to)),
      at,
    );
  }

  /** Writes down changes of many tasks of a project, which were made at once. */
  async recordForMany(
    tx: TenantContext,
    projectId: string,
    changes: readonly (FieldChange & { taskId: string })[],
    at: Date,
  ): Promise<void> {
    await this.log.put(
      tx,
      changes.map(({ taskId, ...change }) => ofTask({ id: taskId, projectId }, change)),
      at,
    );
  }

  /** Writes down what changed of something that belongs to a task and has a history of its own. */
  async recordPart(
    tx: TenantContext,
    part: { type: TaskPart; id: string; taskId: string },
    changes: readonly FieldChange[],
    at: Date,
  ): Promise<void> {
    const subject = { entityType: part.type, entityId: part.id, projectId: null, taskId: part.taskId };
    await this.log.put(
      tx,
      changes.map((change) => ({ ...subject, ...change })),
      at,
    );
  }

  /** Moves and changes of one task in one list; who may see it has been asked by the caller. */
  list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<HistoryRow>> {
    return listPage<HistoryRow>(ctx, changesOfEntity(taskId, taskId), query);
  }

  /** What happened to something that belongs to a task; who may see it has been asked by the caller. */
  listOfPart(ctx: TenantContext, taskId: string, partId: string, query: ListQuery): Promise<Page<HistoryRow>> {
    return listPage<HistoryRow>(ctx, changesOfEntity(taskId, partId), query);
  }
}

function ofTask({ id, projectId }: TaskPlace, { field, oldValue, newValue }: FieldChange): NewChange {
  return { entityType: 'task', entityId: id, projectId, taskId: id, field, oldValue, newValue };
}

function move(task: TaskPlace, from: StatusPlace | null, to: StatusPlace): NewChange {
  const change = { field: 'status', oldValue: from?.status ?? null, newValue: to.status };
  return { ...ofTask(task, change), fromCategory: from?.category ?? null, toCategory: to.category };
}

function placeOf({ status, statusCategory }: TaskState): StatusPlace {
  return { status, category: statusCategory };
}
