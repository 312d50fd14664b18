import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { given } from '../platform/database/given.ts';
import { changedSet } from '../platform/database/set-change.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import type { StatusCategory } from '../history/history.types.ts';
import { MilestonesService } from '../milestones/milestones.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import type { WorkflowStatus } from '../workflows/workflow.types.ts';
import { WorkflowsService } from '../workflows/workflows.service.ts';
import { Task } from './task.entity.ts';
import {
  NotAProjectMember,
  PlaceMissing,
  TaskDatesReversed,
  TooManyTags,
  UnknownMilestone,
  UnknownNeighbour,
  UnknownParent,
} from './tasks.errors.ts';
import {
  TaskAssigned,
  TaskCreated,
  TaskDeleted,
  TaskMoved,
  TaskRestored,
  TaskStatusChanged,
  TaskUpdated,
} from './tasks.events.ts';
import { LONGEST_POSITION, positionBetween, positionsBetween } from './task-position.rules.ts';
import { countInStatus, findGap, findStretch, lockStatus, lockTree, standsBelow, type Gap } from './tasks.queries.ts';
import type { DateChange, TaskChanges, TaskWarning } from './task.types.ts';

const MAX_TAGS = 50;
/** What many tasks are given or lose at once. */
const REPLACEABLE = { parentId: 'parent_id', milestoneId: 'milestone_id', assigneeId: 'assignee_id' } as const;
/** Tasks on each side of a spot that get new keys when those there have grown too long. */
const STRETCH = 200;

/**
 * How a row of a task becomes another one: what it refers to is checked, what changed is written down and announced. Whether
 * the actor may do it has been asked before; the caller holds the project, and then the row.
 */
@Injectable()
export class TaskChangesService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly workflows: WorkflowsService,
    private readonly milestones: MilestonesService,
    private readonly history: TaskHistoryService,
  ) {}

  /** @throws UnknownStatus, WipLimitReached, and what `check` throws */
  async insert(tx: TenantContext, task: Task, wanted: string | undefined): Promise<TaskWarning[]> {
    const status = this.workflows.entry(await this.workflows.get(tx, task.projectId), wanted);
    task.moveTo(status, task.createdAt);
    await this.#check(tx, task, NOTHING);
    const warnings = await this.#takeRoom(tx, task.projectId, status);
    await tx.repository(Task).insert(task);
    await this.history.record(tx, null, task, task.createdAt);
    tx.announce(new TaskCreated(task.id, task.projectId));
    if (task.assigneeId) tx.announce(new TaskAssigned(task.id, task.projectId, task.assigneeId, null));
    return warnings;
  }

  /** Changes nothing when nothing would differ. @throws UnknownStatus, TransitionRefused, WipLimitReached, and what `check` throws */
  async apply(tx: TenantContext, task: Task, { status, tags, ...fields }: TaskChanges): Promise<TaskWarning[]> {
    const before = { ...task } as Task;
    const now = new Date();
    Object.assign(task, given(fields));
    if (tags !== undefined) task.tags = withinLimit(changedSet(task.tags, tags));
    await this.#check(tx, task, before);
    let warnings: TaskWarning[] = [];
    if (status !== undefined && status !== before.status) {
      const next = this.workflows.step(await this.workflows.get(tx, task.projectId), before.status, status);
      // The last of all locks (see TaskLocksService).
      warnings = await this.#takeRoom(tx, task.projectId, next);
      task.moveTo(next, now);
    }
    await this.#save(tx, before, task, now);
    return warnings;
  }

  /** Its subtasks stand for themselves from now on; the caller holds the tree, so that nobody joins them meanwhile. */
  async hide(tx: TenantContext, task: Task): Promise<void> {
    await this.replaceAll(tx, task.projectId, 'parentId', { oldValues: [task.id], newValue: null });
    const before = { ...task } as Task;
    const now = new Date();
    task.deletedAt = now;
    await tx.repository(Task).update({ id: task.id }, { deletedAt: now });
    await this.history.record(tx, before, task, now);
    tx.announce(new TaskDeleted(task.id, task.projectId));
  }

  /**
   * Gives all tasks of a project that have one of these values another one, at once; null takes them out of what they
   * belonged to. Whether the new value may be referred to has been asked and is held by the caller.
   *
   * @param onlyOpen leaves what is done or cancelled as it is
   */
  async replaceAll(
    tx: TenantContext,
    projectId: string,
    field: keyof typeof REPLACEABLE,
    { oldValues, newValue, onlyOpen = false }: { oldValues: string[]; newValue: string | null; onlyOpen?: boolean },
  ): Promise<void> {
    const at = new Date();
    const column = REPLACEABLE[field];
    const tasks = await tx.query<{ id: string; oldValue: string }>(
      `WITH of_it AS (
         SELECT id, ${column} AS old_value FROM "@tenant".tasks
          WHERE project_id = $1 AND ${column} = ANY ($2::uuid[]) AND deleted_at IS NULL
            AND NOT ($5 AND status_category IN ('done', 'cancelled')) ORDER BY id FOR NO KEY UPDATE),
       replaced AS (
         UPDATE "@tenant".tasks t SET ${column} = $3, updated_at = $4, version = t.version + 1
           FROM of_it WHERE t.id = of_it.id RETURNING t.id, of_it.old_value)
       SELECT id, old_value AS "oldValue" FROM replaced ORDER BY id`,
      [projectId, oldValues, newValue, at, onlyOpen],
    );
    if (tasks.length === 0) return;
    const changes = tasks.map(({ id, oldValue }) => ({ taskId: id, field, oldValue, newValue }));
    await this.history.recordForMany(tx, projectId, changes, at);
    for (const { id, oldValue } of tasks) {
      tx.announce(new TaskUpdated(id, projectId, [field]));
      if (field === 'assigneeId') tx.announce(new TaskAssigned(id, projectId, newValue, oldValue));
    }
  }

  /** Brings a deleted task back. What it referred to and is gone since, it refers to no more. */
  async restore(tx: TenantContext, task: Task): Promise<TaskWarning[]> {
    const before = { ...task } as Task;
    const now = new Date();
    const workflow = await this.workflows.get(tx, task.projectId);
    const known = workflow.statuses.find(({ key }) => key === task.status) ?? this.workflows.entry(workflow, undefined);
    if (known.key !== task.status || known.category !== task.statusCategory) task.moveTo(known, now);
    if (task.parentId && !(await this.#isThere(tx, task.parentId, task.projectId))) task.parentId = null;
    if (task.milestoneId && !(await this.milestones.hold(tx, task.projectId, task.milestoneId)))
      task.milestoneId = null;
    if (task.assigneeId && !(await this.#isMember(tx, task.projectId, task.assigneeId))) task.assigneeId = null;
    const warnings = await this.#takeRoom(tx, task.projectId, known);
    task.deletedAt = null;
    await this.#save(tx, before, task, now);
    tx.announce(new TaskRestored(task.id, task.projectId));
    return warnings;
  }

  /**
   * Moves all tasks of a project from one status to another, or gives their status another meaning. The workflow is being
   * replaced by the caller, who holds the project: neither transitions nor limits are asked.
   */
  async moveAll(
    tx: TenantContext,
    projectId: string,
    from: { status: string; category: StatusCategory },
    to: { status: string; category: StatusCategory },
  ): Promise<void> {
    const at = new Date();
    const tasks = await tx.query<{ id: string }>(
      `WITH moved AS (
         UPDATE "@tenant".tasks SET status = $3, status_category = $4, updated_at = $5, version = version + 1,
                started_at = CASE WHEN $4 = 'doing' THEN coalesce(started_at, $5) ELSE started_at END,
                completed_at = CASE WHEN $4 = 'done' THEN coalesce(completed_at, $5) END
          WHERE project_id = $1 AND status = $2 AND deleted_at IS NULL RETURNING id)
       SELECT id FROM moved ORDER BY id`,
      [projectId, from.status, to.status, to.category, at],
    );
    const ids = tasks.map(({ id }) => id);
    if (ids.length === 0) return;
    await this.history.recordMoves(tx, projectId, ids, from, to, at);
    if (from.status !== to.status)
      for (const id of ids) tx.announce(new TaskStatusChanged(id, projectId, from.status, to.status));
  }

  /** Gives many tasks of a project other dates at once; they are locked by the caller, who has asked whether the dates fit. */
  async reschedule(tx: TenantContext, projectId: string, changes: readonly DateChange[]): Promise<void> {
    const at = new Date();
    await tx.query(
      `UPDATE "@tenant".tasks t SET start_date = plan.start_date, due_date = plan.due_date, updated_at = $5, version = t.version + 1
         FROM unnest($1::uuid[], $2::date[], $3::date[]) AS plan (id, start_date, due_date)
        WHERE t.id = plan.id AND t.project_id = $4`,
      [
        changes.map(({ taskId }) => taskId),
        changes.map(({ after }) => after.startDate),
        changes.map(({ after }) => after.dueDate),
        ...[projectId, at],
      ],
    );
    const fieldsOf = ({ taskId, before, after }: DateChange) =>
      (['startDate', 'dueDate'] as const)
        .filter((field) => before[field] !== after[field])
        .map((field) => ({ taskId, field, oldValue: before[field], newValue: after[field] }));
    const changed = changes.map(fieldsOf);
    await this.history.recordForMany(tx, projectId, changed.flat(), at);
    for (const [i, { taskId }] of changes.entries())
      tx.announce(
        new TaskUpdated(
          taskId,
          projectId,
          changed[i]!.map(({ field }) => field),
        ),
      );
  }

  /**
   * Puts it where it shall stand. The order of the project is locked by the caller, before the task.
   *
   * @throws PlaceMissing, UnknownNeighbour
   */
  async place(tx: TenantContext, task: Task, place: Place): Promise<void> {
    const { afterId, beforeId } = place;
    if (afterId === undefined && beforeId === undefined) throw new PlaceMissing();
    if (afterId && beforeId && !(await this.#isThere(tx, beforeId, task.projectId)))
      throw new UnknownNeighbour('/beforeId');
    const isBehind = Boolean(afterId) || (!beforeId && afterId === null);
    const gap = await findGap(tx, task, { neighbourId: afterId ?? beforeId ?? null, isBehind });
    if (!gap) throw new UnknownNeighbour(afterId ? '/afterId' : '/beforeId');
    if (standsIn(task.position, gap)) return;
    task.position = positionBetween(gap.before, gap.after);
    await tx.repository(Task).update({ id: task.id }, { position: task.position, updatedAt: new Date() });
    if (task.position.length > LONGEST_POSITION) await this.#makeRoom(tx, task);
    tx.announce(new TaskMoved(task.id, task.projectId));
  }

  /** Gives the tasks around a spot short keys in the order in which they stand; the others keep theirs. */
  async #makeRoom(tx: TenantContext, { projectId, position }: Task): Promise<void> {
    const { ids, gap } = await findStretch(tx, projectId, position, STRETCH);
    await tx.query('SELECT 1 FROM "@tenant".tasks WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE', [ids]);
    const places = [ids, positionsBetween(gap.before, gap.after, ids.length)];
    // In two steps: on the way from old keys to new ones no two tasks may have the same.
    for (const mark of ['!', ''])
      await tx.query(
        `UPDATE "@tenant".tasks t SET position = $1 || place.position, version = t.version + $2
           FROM unnest($3::uuid[], $4::text[]) AS place (id, position) WHERE t.id = place.id`,
        [mark, mark === '' ? 1 : 0, ...places],
      );
  }

  async #save(tx: TenantContext, before: Task, task: Task, at: Date): Promise<void> {
    const changed = await this.history.record(tx, before, task, at);
    const { id, projectId } = task;
    const hasMoved = task.status !== before.status;
    if (changed.length === 0 && !hasMoved) return;
    const columns = { ...task } as Partial<Task>;
    for (const kept of ['id', 'projectId', 'createdAt', 'version', 'position', 'actualHours'] as const)
      delete columns[kept];
    await tx.repository(Task).update({ id }, { ...columns, updatedAt: at });
    if (changed.length > 0) tx.announce(new TaskUpdated(id, projectId, changed));
    if (task.assigneeId !== before.assigneeId)
      tx.announce(new TaskAssigned(id, projectId, task.assigneeId, before.assigneeId));
    if (hasMoved) tx.announce(new TaskStatusChanged(id, projectId, before.status, task.status));
  }

  /** Room for one more task in a status. Where more are refused, those who enter it stand in a queue until they have committed. */
  async #takeRoom(tx: TenantContext, projectId: string, status: WorkflowStatus): Promise<TaskWarning[]> {
    const { key, wipLimit, wipMode } = status;
    if (wipLimit === null) return [];
    if (wipMode === 'refuse') await lockStatus(tx, projectId, key);
    const tasks = await countInStatus(tx, projectId, key);
    if (!this.workflows.isBeyondLimit(status, tasks)) return [];
    return [{ code: 'wip_limit', message: `${tasks + 1} tasks are in ${key}, where ${wipLimit} should be at most.` }];
  }

  /** What a task may refer to. Only what differs from `before` is looked up. */
  async #check(tx: TenantContext, task: Task, before: Pick<Task, keyof typeof NOTHING>): Promise<void> {
    const { assigneeId, reporterId, parentId, milestoneId, startDate, dueDate, projectId } = task;
    if (startDate !== null && dueDate !== null && dueDate < startDate) throw new TaskDatesReversed();
    if (assigneeId !== null && assigneeId !== before.assigneeId)
      await this.#demandMember(tx, projectId, assigneeId, '/assigneeId');
    if (reporterId !== before.reporterId && reporterId !== assigneeId && reporterId !== tx.actor.userId)
      await this.#demandMember(tx, projectId, reporterId, '/reporterId');
    if (milestoneId !== null && milestoneId !== before.milestoneId)
      if (!(await this.milestones.hold(tx, projectId, milestoneId))) throw new UnknownMilestone();
    if (parentId !== null && parentId !== before.parentId) {
      // Two moves at once could each find no cycle and make one together.
      await lockTree(tx, projectId);
      if (!(await this.#isThere(tx, parentId, projectId))) throw new UnknownParent('missing');
      if (await standsBelow(tx, parentId, task.id)) throw new UnknownParent('cycle');
    }
  }

  #isThere(tx: TenantContext, id: string, projectId: string): Promise<boolean> {
    return tx.repository(Task).existsBy({ id, projectId, deletedAt: IsNull() });
  }

  async #demandMember(tx: TenantContext, projectId: string, userId: string, pointer: string): Promise<void> {
    if (!(await this.#isMember(tx, projectId, userId))) throw new NotAProjectMember(pointer);
  }

  async #isMember(tx: TenantContext, projectId: string, userId: string): Promise<boolean> {
    const [isMember, isActive] = await Promise.all([
      this.projects.holdMember(tx, projectId, userId),
      this.users.holdActive(tx, userId),
    ]);
    return isMember && isActive;
  }
}

/** Directly behind `afterId`, or else directly before `beforeId`; null where there is nothing on that side: first, or last. */
export interface Place {
  afterId?: string | null;
  beforeId?: string | null;
}

function standsIn(position: string, { before, after }: Gap): boolean {
  return (before === null || before < position) && (after === null || position < after);
}

/** Keeps a task from changing; lets others go on referring to it, or two that become each other's parent would deadlock. */
export const LOCK = { mode: 'for_no_key_update' } as const;

/** What a new task is compared with. */
const NOTHING = { assigneeId: null, reporterId: '', parentId: null, milestoneId: null };

function withinLimit(tags: string[]): string[] {
  if (tags.length > MAX_TAGS) throw new TooManyTags(MAX_TAGS);
  return tags;
}
