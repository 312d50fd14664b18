import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { v7 as newId } from 'uuid';
import { reachOf, type Reach, type Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { given } from '../platform/database/given.ts';
import type { Filters, ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { changedSet } from '../platform/database/set-change.ts';
import { AppError, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { HistoryRow } from '../history/history.types.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import type { Standing } from '../projects/project.types.ts';
import { LOCK, TaskChangesService, type Place } from './task-changes.service.ts';
import { TaskLocksService } from './task-locks.service.ts';
import { positionOfNew } from './task-position.rules.ts';
import { Task } from './task.entity.ts';
import {
  canCreateTask,
  canDeleteTask,
  canReadTasks,
  canUpdateTask,
  couldReadTasks,
  tiesToTask,
} from './task.policy.ts';
import type { NewTask, Priority, TaskChanges, TaskWarning } from './task.types.ts';
import { TaskMissing, UnknownProject } from './tasks.errors.ts';
import {
  findTask,
  findTaskWith,
  holdProjectOf,
  countByStatus,
  isFirstWithin,
  listColumns,
  listDeletedTasks,
  listTasks,
  readRollUp,
  within,
  type DeletedTaskRow,
  type RollUpRow,
  type TaskRow,
} from './tasks.queries.ts';

/** A task as it was written, and what whoever wrote it should know. */
export type WrittenTask = TaskRow & { warnings: TaskWarning[] };

@Injectable()
export class TasksService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly changes: TaskChangesService,
    private readonly history: TaskHistoryService,
    private readonly locks: TaskLocksService,
  ) {}

  /**
   * @throws UnknownProject, ProjectArchived, PermissionDenied, NotAProjectMember, UnknownParent, UnknownMilestone,
   *   UnknownStatus, WipLimitReached, TaskDatesReversed
   */
  async create(ctx: TenantContext, { projectId, status, tags, ...fields }: NewTask): Promise<WrittenTask> {
    return ctx.transaction(async (tx) => {
      const ties = await this.#tiesToProject(tx, projectId);
      if (!canCreateTask(tx.actor, ties)) throw new PermissionDenied('task.create');
      const [id, now] = [newId(), new Date()];
      const task = tx.repository(Task).create({
        ...EMPTY,
        ...given(fields),
        id,
        projectId,
        position: positionOfNew(id),
        createdAt: now,
        updatedAt: now,
      });
      task.reporterId ??= tx.actor.userId!;
      task.tags = changedSet([], tags ?? []);
      const warnings = await this.changes.insert(tx, task, status);
      return this.#written(tx, id, warnings);
    });
  }

  /** The tasks that the actor may see. */
  list(ctx: TenantContext, query: ListQuery): Promise<Page<TaskRow>> {
    const parameters: unknown[] = [];
    return listTasks(ctx, this.visible(ctx, parameters), parameters, query);
  }

  /** @throws ProjectMissing; PermissionDenied when the project may be seen but none of its tasks */
  async listOfProject(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<TaskRow>> {
    const { condition, parameters } = this.#visibleOf(ctx, projectId);
    const page = await listTasks(ctx, condition, parameters, query);
    if (page.items.length === 0) await this.#demandReadable(ctx, projectId);
    return page;
  }

  /** How many tasks that are looked for the actor may see in each status, and the first `limit` of each in their order. */
  async listByStatus(
    ctx: TenantContext,
    projectId: string,
    asked: { statuses: string[]; limit: number; filters: Filters },
  ): Promise<{ totals: Map<string, number>; tasks: TaskRow[] }> {
    const { condition, parameters } = this.#visibleOf(ctx, projectId);
    const totals = await countByStatus(ctx, condition, parameters, asked.filters);
    if (totals.size === 0) await this.#demandReadable(ctx, projectId);
    return { totals, tasks: await listColumns(ctx, condition, parameters, asked) };
  }

  /** All tasks of a project by status, whoever may see them. */
  countByStatus(ctx: TenantContext, projectId: string): Promise<Map<string, number>> {
    return countByStatus(ctx, 't.project_id = $1', [projectId]);
  }

  /** @throws TaskMissing, also when the actor may not see it */
  async get(ctx: TenantContext, id: string): Promise<TaskRow> {
    // Nothing has to tie whoever may read all tasks to this one.
    if (!canReadTasks(ctx.actor, NO_TIES)) return (await this.getWithTies(ctx, id)).task;
    const task = await findTask(ctx, id);
    if (!task) throw new TaskMissing();
    return task;
  }

  /**
   * The task and what ties the actor to it; `writing` says that something about it shall change.
   *
   * @throws TaskMissing, also when the actor may not see it; ProjectArchived when something shall change
   */
  async getWithTies(ctx: TenantContext, id: string, { writing = false } = {}): Promise<{ task: TaskRow; ties: Ties }> {
    const parameters: [string, ...unknown[]] = [id];
    const columns = this.projects.standing(ctx, (value) => `$${parameters.push(value)}`);
    const found = await findTaskWith<Standing>(ctx, columns, parameters);
    if (!found) throw new TaskMissing();
    const { projectOwnerId, projectStatus, roleByName, rolesByTeam, ...task } = found;
    const standing = { projectOwnerId, projectStatus, roleByName, rolesByTeam };
    const judge = (ties: Ties) => void readable(ctx, task, ties);
    const ofProject = this.projects.tiesOf(ctx, standing, { enough: () => true, writing, judge });
    return { task, ties: readable(ctx, task, ofProject) };
  }

  async listHistory(ctx: TenantContext, id: string, query: ListQuery): Promise<Page<HistoryRow>> {
    await this.get(ctx, id);
    return this.history.list(ctx, id, query);
  }

  /** The hours of a task and of everything below it that the actor may see. */
  async rollUp(ctx: TenantContext, id: string): Promise<RollUpRow> {
    await this.get(ctx, id);
    const parameters: unknown[] = [id];
    return readRollUp(ctx, this.visible(ctx, parameters), parameters);
  }

  /**
   * The task and what ties the actor to it; nobody else changes it until the transaction ends.
   *
   * @throws TaskMissing, also when the actor may not see it; ProjectArchived
   */
  async lockWithTies(tx: TenantContext, id: string): Promise<{ task: Task; ties: Ties }> {
    await holdProjectOf(tx, id);
    const task = await tx.repository(Task).findOne({ where: { id, deletedAt: IsNull() }, lock: LOCK });
    if (!task) throw new TaskMissing();
    return { task, ties: await this.#readableTies(tx, task, { writing: true }) };
  }

  /** Keeps the sum of the hours that were logged; the task is locked by the caller. */
  async setActualHours(tx: TenantContext, id: string, hours: number): Promise<void> {
    await tx.repository(Task).update({ id }, { actualHours: hours });
  }

  /**
   * @throws TaskMissing, ProjectArchived, PermissionDenied, StaleVersion, NotAProjectMember, UnknownParent, UnknownMilestone,
   *   UnknownStatus, TransitionRefused, WipLimitReached, TaskDatesReversed
   */
  async update(ctx: TenantContext, id: string, changes: TaskChanges, expectedVersion?: number): Promise<WrittenTask> {
    return ctx.transaction(async (tx) => {
      if (changes.parentId !== undefined) await this.locks.holdTreeOf(tx, id);
      const { task, ties } = await this.lockWithTies(tx, id);
      if (!canUpdateTask(tx.actor, ties)) throw new PermissionDenied('task.update');
      demandVersion(task, expectedVersion);
      const warnings = await this.changes.apply(tx, task, changes);
      return this.#written(tx, id, warnings);
    });
  }

  /** Giving it to whom it belongs already changes nothing. */
  assign(ctx: TenantContext, id: string, assigneeId: string | null, expectedVersion?: number): Promise<WrittenTask> {
    return this.update(ctx, id, { assigneeId }, expectedVersion);
  }

  /** Moving it to where it is already changes nothing. */
  changeStatus(ctx: TenantContext, id: string, status: string, expectedVersion?: number): Promise<WrittenTask> {
    return this.update(ctx, id, { status }, expectedVersion);
  }

  /**
   * Puts a task before or behind another one of its project, or first or last, and into another status with it.
   * Moves at one spot are made one after the other, so that no two tasks come to stand at one place.
   *
   * @throws what `update` throws, PlaceMissing, UnknownNeighbour
   */
  async move(
    ctx: TenantContext,
    id: string,
    { status, ...place }: Place & { status?: string },
    expectedVersion?: number,
  ): Promise<WrittenTask> {
    return ctx.transaction(async (tx) => {
      await this.locks.holdOrderOf(tx, id);
      const { task, ties } = await this.lockWithTies(tx, id);
      if (!canUpdateTask(tx.actor, ties)) throw new PermissionDenied('task.update');
      demandVersion(task, expectedVersion);
      await this.changes.place(tx, task, place);
      const warnings = await this.changes.apply(tx, task, { status });
      return this.#written(tx, id, warnings);
    });
  }

  /**
   * Hides it; its history stays, and its subtasks stand for themselves.
   *
   * @throws TaskMissing, ProjectArchived, PermissionDenied, StaleVersion
   */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.locks.holdWithParts(tx, id);
      const { task, ties } = await this.lockWithTies(tx, id);
      if (!canDeleteTask(tx.actor, ties)) throw new PermissionDenied('task.delete');
      demandVersion(task, expectedVersion);
      await this.changes.hide(tx, task);
    });
  }

  /** The deleted tasks of a project, for whoever may delete all tasks there. @throws ProjectMissing, PermissionDenied */
  async listDeleted(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<DeletedTaskRow>> {
    const ties = await this.projects.tiesTo(ctx, projectId, { enough: (each) => canDeleteTask(ctx.actor, each) });
    if (!canDeleteTask(ctx.actor, ties)) throw new PermissionDenied('task.delete');
    return listDeletedTasks(ctx, projectId, query);
  }

  /** Restoring one that is there changes nothing. @throws TaskMissing, ProjectArchived, PermissionDenied, StaleVersion, WipLimitReached */
  async restore(ctx: TenantContext, id: string, expectedVersion?: number): Promise<WrittenTask> {
    return ctx.transaction(async (tx) => {
      await this.locks.holdTreeOf(tx, id);
      await holdProjectOf(tx, id);
      const task = await tx.repository(Task).findOne({ where: { id }, lock: LOCK });
      if (!task) throw new TaskMissing();
      const ties = await this.#readableTies(tx, task, { writing: true });
      if (!canDeleteTask(tx.actor, ties))
        throw task.deletedAt ? new TaskMissing() : new PermissionDenied('task.delete');
      demandVersion(task, expectedVersion);
      return this.#written(tx, id, task.deletedAt ? await this.changes.restore(tx, task) : []);
    });
  }

  /** Whether the actor may see every task of a project that they have these ties to. */
  seesAllOf(ctx: TenantContext, ties: Ties): boolean {
    return canReadTasks(ctx.actor, ties);
  }

  /** Which tasks `t` the actor may see, as a condition on the caller's statement; adds its parameters. */
  visible(ctx: TenantContext, parameters: unknown[]): string {
    return this.#visible(ctx, parameters, (ids) => `t.project_id IN (${ids})`);
  }

  /** Those of one project. */
  #visibleOf(ctx: TenantContext, projectId: string): { condition: string; parameters: unknown[] } {
    const parameters: unknown[] = [projectId];
    return { condition: `t.project_id = $1 AND ${this.#visible(ctx, parameters, isFirstWithin)}`, parameters };
  }

  /** @param isAmong whether a task's project is among those with these ids, which are a subquery */
  #visible(ctx: TenantContext, parameters: unknown[], isAmong: (ids: string) => string): string {
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const isWithin = (part: Reach) => isAmong(this.projects.idsWithin(ctx, part, bind));
    return within(reachOf(ctx.actor, 'task.read'), isWithin, () => `${bind(ctx.actor.userId)}::uuid`);
  }

  /**
   * Why nothing is seen in a project. Asked after nothing was found: whoever sees a task there may read tasks of it.
   *
   * @throws ProjectMissing, PermissionDenied
   */
  async #demandReadable(ctx: TenantContext, projectId: string): Promise<void> {
    const ties = await this.projects.tiesTo(ctx, projectId, { enough: (each) => couldReadTasks(ctx.actor, each) });
    if (!couldReadTasks(ctx.actor, ties)) throw new PermissionDenied('task.read');
  }

  /** A task that may not be seen answers as if it did not exist, also within a project that may be. */
  async #readableTies(
    ctx: TenantContext,
    task: Pick<Task, 'projectId' | 'assigneeId' | 'reporterId'>,
    { writing = false } = {},
  ): Promise<Ties> {
    const ofProject = await this.projects
      .tiesTo(ctx, task.projectId, { enough: () => true, writing, judge: (ties) => void readable(ctx, task, ties) })
      .catch(missingAs(() => new TaskMissing()));
    return readable(ctx, task, ofProject);
  }

  #tiesToProject(ctx: TenantContext, projectId: string): Promise<Ties> {
    const enough = (ties: Ties) => canCreateTask(ctx.actor, ties);
    return this.projects
      .tiesTo(ctx, projectId, { hold: true, enough, writing: true })
      .catch(missingAs(() => new UnknownProject()));
  }

  async #written(tx: TenantContext, id: string, warnings: TaskWarning[]): Promise<WrittenTask> {
    const row = await findTask(tx, id);
    if (!row) throw new TaskMissing();
    return { ...row, warnings };
  }
}

const NO_TIES: Ties = { projectRole: null };

const EMPTY = {
  description: null,
  priority: 'medium' as Priority,
  assigneeId: null,
  startDate: null,
  dueDate: null,
  estimatedHours: null,
  remainingHours: null,
  actualHours: 0,
  parentId: null,
  milestoneId: null,
  startedAt: null,
  completedAt: null,
  deletedAt: null,
};

/** @throws TaskMissing when these are ties to a task that may not be seen */
function readable({ actor }: TenantContext, task: Pick<Task, 'assigneeId' | 'reporterId'>, ofProject: Ties): Ties {
  const ties = tiesToTask(actor, task, ofProject);
  if (!canReadTasks(actor, ties)) throw new TaskMissing();
  return ties;
}

/** Turns "there is no such ..." of a lower module into this module's own; anything else passes. */
function missingAs(replacement: () => AppError): (error: unknown) => never {
  return (error) => {
    throw error instanceof AppError && error.kind === 'missing' ? replacement() : error;
  };
}
