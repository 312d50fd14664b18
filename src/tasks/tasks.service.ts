import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { v7 as newId } from 'uuid';
import { reachOf, type Reach, type Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { given } from '../platform/database/given.ts';
import { AppError, StaleVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { changedFields } from './task-history.rules.ts';
import { TaskHistoryService } from './task-history.service.ts';
import { Task } from './task.entity.ts';
import {
  canCreateTask,
  canDeleteTask,
  canReadTasks,
  canUpdateTask,
  couldReadTasks,
  tiesToTask,
} from './task.policy.ts';
import { NotAProjectMember, TaskDatesReversed, TaskMissing, UnknownParent, UnknownProject } from './tasks.errors.ts';
import { TaskAssigned, TaskCreated, TaskDeleted, TaskStatusChanged, TaskUpdated } from './tasks.events.ts';
import {
  findTask,
  listHistory,
  listOpenAssignments,
  listTasks,
  lockTree,
  standsBelow,
  within,
  type HistoryRow,
  type TaskRow,
} from './tasks.queries.ts';
import type { Priority, TaskStatus } from './task.types.ts';

export interface TaskFields {
  title: string;
  description?: string | null;
  status?: TaskStatus;
  priority?: Priority;
  assigneeId?: string | null;
  reporterId?: string;
  startDate?: string | null;
  dueDate?: string | null;
  estimatedHours?: number | null;
  tags?: string[];
  parentId?: string | null;
}

export type NewTask = TaskFields & { projectId: string };
export type TaskChanges = Partial<TaskFields>;

@Injectable()
export class TasksService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly history: TaskHistoryService,
  ) {}

  /** @throws UnknownProject, PermissionDenied, NotAProjectMember, UnknownParent, TaskDatesReversed */
  async create(ctx: TenantContext, { projectId, status = 'todo', ...fields }: NewTask): Promise<TaskRow> {
    return ctx.transaction(async (tx) => {
      const ties = await this.#tiesToProject(tx, projectId);
      if (!canCreateTask(tx.actor, ties)) throw new PermissionDenied('task.create');
      const now = new Date();
      const task = tx
        .repository(Task)
        .create({ ...EMPTY, ...given(fields), id: newId(), projectId, createdAt: now, updatedAt: now });
      task.reporterId ??= tx.actor.userId!;
      task.tags = unique(task.tags);
      task.moveTo(status, now);
      await this.#check(tx, task, { ...EMPTY, reporterId: tx.actor.userId });
      await tx.repository(Task).insert(task);
      await this.history.record(tx, null, task, now);
      tx.announce(new TaskCreated(task.id, projectId));
      if (task.assigneeId) tx.announce(new TaskAssigned(task.id, projectId, task.assigneeId, null));
      return this.#row(tx, task.id);
    });
  }

  /** The tasks that the actor may see. */
  list(ctx: TenantContext, query: ListQuery): Promise<Page<TaskRow>> {
    const parameters: unknown[] = [];
    return listTasks(ctx, this.#visible(ctx, parameters), parameters, query);
  }

  /** @throws ProjectMissing; PermissionDenied when the project may be seen but none of its tasks */
  async listOfProject(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<TaskRow>> {
    const ties = await this.projects.tiesTo(ctx, projectId, { enough: (each) => couldReadTasks(ctx.actor, each) });
    if (!couldReadTasks(ctx.actor, ties)) throw new PermissionDenied('task.read');
    const parameters: unknown[] = [projectId];
    const ofProject = 't.project_id = $1';
    if (canReadTasks(ctx.actor, ties)) return listTasks(ctx, ofProject, parameters, query);
    return listTasks(ctx, `${ofProject} AND ${this.#visible(ctx, parameters)}`, parameters, query);
  }

  /** @throws TaskMissing, also when the actor may not see it */
  async get(ctx: TenantContext, id: string): Promise<TaskRow> {
    return (await this.getWithTies(ctx, id)).task;
  }

  /** The task and what ties the actor to it. @throws TaskMissing, also when the actor may not see it */
  async getWithTies(ctx: TenantContext, id: string): Promise<{ task: TaskRow; ties: Ties }> {
    const task = await findTask(ctx, id);
    if (!task) throw new TaskMissing();
    return { task, ties: await this.#readableTies(ctx, task) };
  }

  async listHistory(ctx: TenantContext, id: string, query: ListQuery): Promise<Page<HistoryRow>> {
    await this.get(ctx, id);
    return listHistory(ctx, id, query);
  }

  /** @throws TaskMissing, PermissionDenied, StaleVersion, NotAProjectMember, UnknownParent, TaskDatesReversed */
  async update(ctx: TenantContext, id: string, changes: TaskChanges, expectedVersion?: number): Promise<TaskRow> {
    return ctx.transaction(async (tx) => {
      const { task, ties } = await this.#lock(tx, id, expectedVersion);
      if (!canUpdateTask(tx.actor, ties)) throw new PermissionDenied('task.update');
      await this.#apply(tx, task, changes);
      return this.#row(tx, id);
    });
  }

  /** Giving it to whom it belongs already changes nothing. */
  assign(ctx: TenantContext, id: string, assigneeId: string | null, expectedVersion?: number): Promise<TaskRow> {
    return this.update(ctx, id, { assigneeId }, expectedVersion);
  }

  /** Moving it to where it is already changes nothing. */
  changeStatus(ctx: TenantContext, id: string, status: TaskStatus, expectedVersion?: number): Promise<TaskRow> {
    return this.update(ctx, id, { status }, expectedVersion);
  }

  /** Hides it; its history stays, and its subtasks stand for themselves. @throws TaskMissing, PermissionDenied, StaleVersion */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { task, ties } = await this.#lock(tx, id, expectedVersion);
      if (!canDeleteTask(tx.actor, ties)) throw new PermissionDenied('task.delete');
      const parts = await tx.repository(Task).find({ where: { parentId: id, deletedAt: IsNull() }, lock: LOCK });
      for (const part of parts) await this.#apply(tx, part, { parentId: null });
      await this.#hide(tx, task);
    });
  }

  /** Takes all of a person's open tasks from them. */
  async unassignOpen(ctx: TenantContext, assigneeId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      // Heard late: somebody who is back keeps what they were given since.
      if (await this.users.holdActive(tx, assigneeId)) return;
      await this.#reassign(tx, { assigneeId }, null);
    });
  }

  /** Gives a person's open tasks to another one, who is taken into the projects where they are; or to nobody. */
  async handOver(ctx: TenantContext, from: string, to: string | null): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const { projectId } of await listOpenAssignments(tx, { userId: from })) {
        const isThere = to !== null && (await this.projects.takeIn(tx, projectId, to));
        await this.#reassign(tx, { assigneeId: from, projectId }, isThere ? to : null);
      }
    });
  }

  /** Takes open tasks from those who are not in the project any more, by name or through a team: a person's, or a project's. */
  async unassignOutsiders(ctx: TenantContext, of: { userId?: string; projectId?: string }): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const { assigneeId, projectId } of await listOpenAssignments(tx, of))
        if (!(await this.projects.holdMember(tx, projectId, assigneeId)))
          await this.#reassign(tx, { assigneeId, projectId }, null);
    });
  }

  /** Hides the tasks of a project that was deleted. */
  async deleteOfProject(ctx: TenantContext, projectId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const where = { projectId, deletedAt: IsNull() };
      const tasks = await tx.repository(Task).find({ where, order: { id: 'ASC' }, lock: LOCK });
      for (const task of tasks) await this.#hide(tx, task);
    });
  }

  /** Which tasks the actor may see, as a condition; adds its parameters. */
  #visible(ctx: TenantContext, parameters: unknown[]): string {
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const idsWithin = (part: Reach) => this.projects.idsWithin(ctx, part, bind);
    return within(reachOf(ctx.actor, 'task.read'), idsWithin, () => `${bind(ctx.actor.userId)}::uuid`);
  }

  async #reassign(
    tx: TenantContext,
    of: { assigneeId: string; projectId?: string },
    assigneeId: string | null,
  ): Promise<void> {
    const open = { ...of, deletedAt: IsNull(), statusCategory: Not(In(['done', 'cancelled'])) };
    const tasks = await tx.repository(Task).find({ where: open, order: { id: 'ASC' }, lock: LOCK });
    for (const task of tasks) await this.#apply(tx, task, { assigneeId });
  }

  async #apply(tx: TenantContext, task: Task, { status, ...fields }: TaskChanges): Promise<void> {
    const before = { ...task } as Task;
    const now = new Date();
    Object.assign(task, given(fields));
    task.tags = unique(task.tags);
    if (status !== undefined && status !== before.status) task.moveTo(status, now);
    const changed = changedFields(before, task);
    if (changed.length === 0 && task.status === before.status) return;
    await this.#check(tx, task, before);
    const { id, projectId, createdAt: _createdAt, version: _version, ...columns } = task;
    await tx.repository(Task).update({ id }, { ...columns, updatedAt: now });
    await this.history.record(tx, before, task, now);
    if (changed.length > 0) tx.announce(new TaskUpdated(id, projectId, changed));
    if (task.assigneeId !== before.assigneeId)
      tx.announce(new TaskAssigned(id, projectId, task.assigneeId, before.assigneeId));
    if (task.status !== before.status) tx.announce(new TaskStatusChanged(id, projectId, before.status, task.status));
  }

  async #hide(tx: TenantContext, task: Task): Promise<void> {
    const before = { ...task } as Task;
    const now = new Date();
    task.deletedAt = now;
    await tx.repository(Task).update({ id: task.id }, { deletedAt: now });
    await this.history.record(tx, before, task, now);
    tx.announce(new TaskDeleted(task.id, task.projectId));
  }

  /** What a task may refer to. Only what differs from `before` is looked up. */
  async #check(
    tx: TenantContext,
    task: Task,
    before: Pick<Task, 'assigneeId' | 'parentId'> & { reporterId: string | null },
  ): Promise<void> {
    const { assigneeId, reporterId, parentId, startDate, dueDate, projectId } = task;
    if (startDate !== null && dueDate !== null && dueDate < startDate) throw new TaskDatesReversed();
    if (assigneeId !== null && assigneeId !== before.assigneeId)
      await this.#demandMember(tx, projectId, assigneeId, '/assigneeId');
    if (reporterId !== before.reporterId) await this.#demandMember(tx, projectId, reporterId, '/reporterId');
    if (parentId !== null && parentId !== before.parentId) {
      // Two moves at once could each find no cycle and make one together.
      await lockTree(tx, projectId);
      if (!(await tx.repository(Task).existsBy({ id: parentId, projectId, deletedAt: IsNull() })))
        throw new UnknownParent('missing');
      if (await standsBelow(tx, parentId, task.id)) throw new UnknownParent('cycle');
    }
  }

  async #demandMember(tx: TenantContext, projectId: string, userId: string, pointer: string): Promise<void> {
    const [isMember, isActive] = await Promise.all([
      this.projects.holdMember(tx, projectId, userId),
      this.users.holdActive(tx, userId),
    ]);
    if (!isMember || !isActive) throw new NotAProjectMember(pointer);
  }

  async #lock(tx: TenantContext, id: string, expectedVersion?: number): Promise<{ task: Task; ties: Ties }> {
    const task = await tx.repository(Task).findOne({ where: { id, deletedAt: IsNull() }, lock: LOCK });
    if (!task) throw new TaskMissing();
    const ties = await this.#readableTies(tx, task);
    if (expectedVersion !== undefined && expectedVersion !== task.version) throw new StaleVersion();
    return { task, ties };
  }

  /** A task that may not be seen answers as if it did not exist, also within a project that may be. */
  async #readableTies(ctx: TenantContext, task: Pick<Task, 'projectId' | 'assigneeId' | 'reporterId'>): Promise<Ties> {
    const ofProject = await this.projects
      .tiesTo(ctx, task.projectId, { enough: () => true })
      .catch(missingAs(() => new TaskMissing()));
    const ties = tiesToTask(ctx.actor, task, ofProject);
    if (!canReadTasks(ctx.actor, ties)) throw new TaskMissing();
    return ties;
  }

  #tiesToProject(ctx: TenantContext, projectId: string): Promise<Ties> {
    const enough = (ties: Ties) => canCreateTask(ctx.actor, ties);
    return this.projects.tiesTo(ctx, projectId, { hold: true, enough }).catch(missingAs(() => new UnknownProject()));
  }

  async #row(tx: TenantContext, id: string): Promise<TaskRow> {
    const row = await findTask(tx, id);
    if (!row) throw new TaskMissing();
    return row;
  }
}

/** Keeps a task from changing; lets others go on referring to it, or two that become each other's parent would deadlock. */
const LOCK = { mode: 'for_no_key_update' } as const;

const EMPTY = {
  description: null,
  priority: 'medium' as Priority,
  assigneeId: null,
  startDate: null,
  dueDate: null,
  estimatedHours: null,
  tags: [] as string[],
  parentId: null,
  startedAt: null,
  completedAt: null,
  deletedAt: null,
};

/** Tags are a set that keeps its order. */
function unique(tags: string[]): string[] {
  return [...new Set(tags)];
}

/** Turns "there is no such ..." of a lower module into this module's own; anything else passes. */
function missingAs(replacement: () => AppError): (error: unknown) => never {
  return (error) => {
    throw error instanceof AppError && error.kind === 'missing' ? replacement() : error;
  };
}
