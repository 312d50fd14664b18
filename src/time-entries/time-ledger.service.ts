import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { reachOf, type Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { AppError, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { TimesheetsService } from '../timesheets/timesheets.service.ts';
import { TimeEntry } from './time-entry.entity.ts';
import { canManageTime, lackingToLog } from './time-entry.policy.ts';
import { changesBetween, roundedMinutes, type EntrySnapshot } from './time-entry.rules.ts';
import { TimeEntryMissing } from './time-entries.errors.ts';
import { findEntry, findRules, listIds, lockTask, sumHours, type TimeEntryRow } from './time-entries.queries.ts';

/** What all who write time have in common: who may, in which order they wait for each other, and what follows from it. */
@Injectable()
export class TimeLedgerService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tasks: TasksService,
    private readonly timesheets: TimesheetsService,
    private readonly history: TaskHistoryService,
  ) {}

  /**
   * Which entries `e` the actor may see, as a condition: their own, and all where they manage time. Adds its parameters.
   * The projects are looked up first: most people manage the time of none, and their own entries have an index.
   */
  async visible(ctx: TenantContext, parameters: unknown[]): Promise<string> {
    const reach = reachOf(ctx.actor, 'time.manage');
    if (reach === 'all projects') return 'true';
    const own = `e.user_id = $${parameters.push(ctx.actor.userId)}::uuid`;
    const bound: unknown[] = [];
    const idsWithin = this.projects.idsWithin(ctx, reach, (value) => `$${bound.push(value)}`);
    const managed = reach.length === 0 ? [] : await listIds(ctx, idsWithin, bound);
    return managed.length === 0 ? own : `(${own} OR e.project_id = ANY ($${parameters.push(managed)}::uuid[]))`;
  }

  /** @throws TimeEntryMissing, also when the actor may not see it */
  async get(ctx: TenantContext, id: string): Promise<TimeEntryRow> {
    const parameters: unknown[] = [];
    const entry = await findEntry(ctx, id, await this.visible(ctx, parameters), parameters);
    if (!entry) throw new TimeEntryMissing();
    return entry;
  }

  /**
   * The entry, kept from changing until the transaction ends, with the time of its person and its task. The person's
   * time always comes before the task, so that nobody waits for each other.
   *
   * @throws TimeEntryMissing, ProjectArchived, StaleVersion, PermissionDenied
   */
  async hold(tx: TenantContext, id: string, expectedVersion?: number): Promise<TimeEntryRow> {
    const seen = await this.get(tx, id);
    await this.timesheets.holdTime(tx, seen.userId);
    const held = await this.tasks.lockWithTies(tx, seen.taskId).catch(nullWhenMissing);
    const ties = held ? held.ties : await this.#holdLostTask(tx, seen);
    const entry = await this.get(tx, id);
    demandVersion(entry, expectedVersion);
    const lacking = lackingToLog(tx.actor, entry.userId, ties);
    if (lacking) throw new PermissionDenied(lacking);
    return entry;
  }

  /**
   * The same, to stop a timer: one's own can be stopped whatever became of its task, or nobody could ever start another.
   *
   * @throws TimeEntryMissing, PermissionDenied
   */
  async holdToStop(tx: TenantContext, id: string): Promise<TimeEntryRow> {
    const seen = await this.get(tx, id);
    await this.timesheets.holdTime(tx, seen.userId);
    const ties = await this.#holdLostTask(tx, seen);
    if (seen.userId !== tx.actor.userId && !canManageTime(tx.actor, ties)) throw new PermissionDenied('time.manage');
    return this.get(tx, id);
  }

  /** @param entry without what is given here; its time and its task are held */
  async insert(
    tx: TenantContext,
    values: Omit<TimeEntry, 'id' | 'createdAt' | 'updatedAt' | 'version' | 'roundedMinutes' | 'deletedAt'>,
    now: Date,
  ): Promise<TimeEntryRow> {
    const id = newId();
    const rounded = await this.round(tx, values.projectId, values.minutes);
    const entry = { ...values, id, roundedMinutes: rounded, deletedAt: null, createdAt: now, updatedAt: now };
    await tx.repository(TimeEntry).insert(entry);
    await this.#record(tx, entry, null, entry, now);
    if (entry.minutes !== null) await this.#sumUp(tx, entry.taskId);
    return this.get(tx, id);
  }

  /** Nothing happens where nothing changes. @returns whether something did */
  async change(tx: TenantContext, before: TimeEntryRow, changes: Partial<TimeEntry>, now: Date): Promise<boolean> {
    const after = { ...before, deletedAt: null, ...changes };
    if (!(await this.#record(tx, before, { ...before, deletedAt: null }, after, now))) return false;
    await tx.repository(TimeEntry).update({ id: before.id }, { ...changes, updatedAt: now });
    const counts = changes.deletedAt !== undefined || after.roundedMinutes !== before.roundedMinutes;
    if (counts) await this.#sumUp(tx, before.taskId);
    return true;
  }

  /** By the rules that the project has now. @param minutes null while a timer runs */
  async round(tx: TenantContext, projectId: string, minutes: number | null): Promise<number | null> {
    if (minutes === null) return null;
    return roundedMinutes(minutes, await findRules(tx, projectId));
  }

  /** A task that may be gone. @returns the ties to its project; null when that is gone as well */
  async #holdLostTask(tx: TenantContext, { taskId, projectId }: TimeEntryRow): Promise<Ties | null> {
    await lockTask(tx, taskId);
    const enough = (ties: Ties) => canManageTime(tx.actor, ties);
    return this.projects.tiesTo(tx, projectId, { enough }).catch(nullWhenMissing);
  }

  async #sumUp(tx: TenantContext, taskId: string): Promise<void> {
    await this.tasks.setActualHours(tx, taskId, await sumHours(tx, taskId));
  }

  async #record(
    tx: TenantContext,
    { id, taskId }: Pick<TimeEntry, 'id' | 'taskId'>,
    before: EntrySnapshot | null,
    after: EntrySnapshot,
    at: Date,
  ): Promise<boolean> {
    const changes = changesBetween(before, after);
    if (changes.length === 0) return false;
    await this.history.recordPart(tx, { type: 'time_entry', id, taskId }, changes, at);
    return true;
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof AppError && error.kind === 'missing') return null;
  throw error;
}
