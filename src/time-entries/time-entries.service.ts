import { Injectable } from '@nestjs/common';
import { CalendarsService } from '../calendars/calendars.service.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { given } from '../platform/database/given.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { HistoryRow } from '../history/history.types.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { TimesheetsService } from '../timesheets/timesheets.service.ts';
import { lackingToLog } from './time-entry.policy.ts';
import { saysSpan, spanOf, startOfTimer, type Span, type SpanFields } from './time-entry.rules.ts';
import type { TimeEntry } from './time-entry.entity.ts';
import type { TotalKey } from './time-entry.types.ts';
import { EntryStillRuns, NotInProject, TimeEntryMissing, TooManyTotals } from './time-entries.errors.ts';
import { TimeEntryChanged, TimeEntryDeleted, TimeLogged } from './time-entries.events.ts';
import { findTaskOf, listEntries, sumEntries, type TimeEntryRow, type TotalRow } from './time-entries.queries.ts';
import { TimeLedgerService } from './time-ledger.service.ts';

export interface TimeEntryFields {
  note?: string | null;
  billable?: boolean;
}

export type NewTimeEntry = TimeEntryFields & SpanFields & { userId?: string };
export type TimeEntryChanges = TimeEntryFields & SpanFields;

export interface TotalsQuery {
  groupBy: TotalKey[];
  from: string | null;
  to: string | null;
  taskId: string | null;
  projectId: string | null;
  userId: string | null;
  billable: boolean | null;
}

const MOST_TOTALS = 1_000;

/** What somebody worked on a task, written down afterwards. */
@Injectable()
export class TimeEntriesService {
  constructor(
    private readonly tasks: TasksService,
    private readonly projects: ProjectsService,
    private readonly calendars: CalendarsService,
    private readonly timesheets: TimesheetsService,
    private readonly ledger: TimeLedgerService,
    private readonly history: TaskHistoryService,
  ) {}

  /** Those that the actor may see. */
  async list(ctx: TenantContext, query: ListQuery): Promise<Page<TimeEntryRow>> {
    const parameters: unknown[] = [];
    return listEntries(ctx, await this.ledger.visible(ctx, parameters), parameters, query);
  }

  /** Those of the task that the actor may see. @throws TaskMissing */
  async listOfTask(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<TimeEntryRow>> {
    await this.tasks.get(ctx, taskId);
    const parameters: unknown[] = [taskId];
    return listEntries(ctx, `e.task_id = $1 AND ${await this.ledger.visible(ctx, parameters)}`, parameters, query);
  }

  /** @throws TimeEntryMissing, also when the actor may not see it */
  get(ctx: TenantContext, id: string): Promise<TimeEntryRow> {
    return this.ledger.get(ctx, id);
  }

  /** Also of an entry that was deleted. @throws TimeEntryMissing */
  async listHistory(ctx: TenantContext, id: string, query: ListQuery): Promise<Page<HistoryRow>> {
    const parameters: unknown[] = [];
    const taskId = await findTaskOf(ctx, id, await this.ledger.visible(ctx, parameters), parameters);
    if (taskId === null) throw new TimeEntryMissing();
    return this.history.listOfPart(ctx, taskId, id, query);
  }

  /** Finished entries that the actor may see, also of tasks that were deleted: what was worked stays worked. @throws TooManyTotals */
  async total(ctx: TenantContext, { groupBy, from, to, ...of }: TotalsQuery): Promise<TotalRow[]> {
    const parameters: unknown[] = [from, to, of.taskId, of.projectId, of.userId, of.billable];
    const condition = `($1::date IS NULL OR e.day >= $1) AND ($2::date IS NULL OR e.day <= $2)
      AND ($3::uuid IS NULL OR e.task_id = $3) AND ($4::uuid IS NULL OR e.project_id = $4)
      AND ($5::uuid IS NULL OR e.user_id = $5) AND ($6::boolean IS NULL OR e.billable = $6)
      AND ${await this.ledger.visible(ctx, parameters)}`;
    const rows = await sumEntries(ctx, groupBy, condition, parameters, MOST_TOTALS + 1);
    if (rows.length > MOST_TOTALS) throw new TooManyTotals(MOST_TOTALS);
    return rows;
  }

  /**
   * For oneself, or for somebody else who is in the project.
   *
   * @throws TaskMissing, PermissionDenied, ProjectArchived, NotInProject, WeekIsApproved, and what spanOf() throws
   */
  async add(ctx: TenantContext, taskId: string, fields: NewTimeEntry): Promise<TimeEntryRow> {
    return ctx.transaction(async (tx) => {
      const userId = fields.userId ?? tx.actor.userId!;
      await this.timesheets.holdTime(tx, userId);
      const { task, ties } = await this.tasks.lockWithTies(tx, taskId);
      const lacking = lackingToLog(tx.actor, userId, ties);
      if (lacking) throw new PermissionDenied(lacking);
      const { projectId } = task;
      if (userId !== tx.actor.userId && !(await this.projects.holdMember(tx, projectId, userId)))
        throw new NotInProject();
      const now = new Date();
      const span = spanOf(fields, null, { now, timeZone: await this.calendars.timeZoneOf(tx, userId) });
      await this.timesheets.demandOpen(tx, userId, [span.day]);
      const { note = null, billable = false } = fields;
      const source = 'manual' as const;
      const entry = await this.ledger.insert(tx, { ...span, taskId, projectId, userId, note, billable, source }, now);
      tx.announce(new TimeLogged(entry.id, taskId, projectId, userId));
      return entry;
    });
  }

  /** @throws TimeEntryMissing, PermissionDenied, ProjectArchived, StaleVersion, EntryStillRuns, WeekIsApproved, and what spanOf() throws */
  async update(
    ctx: TenantContext,
    id: string,
    changes: TimeEntryChanges,
    expectedVersion?: number,
  ): Promise<TimeEntryRow> {
    return ctx.transaction(async (tx) => {
      const before = await this.ledger.hold(tx, id, expectedVersion);
      const { taskId, projectId, userId, day } = before;
      const now = new Date();
      const span = saysSpan(changes) ? await this.#span(tx, before, changes, now) : {};
      await this.timesheets.demandOpen(tx, userId, [day, span.day ?? day]);
      const { note, billable } = changes;
      if (await this.ledger.change(tx, before, { ...span, ...given({ note, billable }) }, now))
        tx.announce(new TimeEntryChanged(id, taskId, projectId, userId));
      return this.ledger.get(tx, id);
    });
  }

  /** Of a timer that runs, too. Its history stays. @throws TimeEntryMissing, PermissionDenied, ProjectArchived, StaleVersion, WeekIsApproved */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const before = await this.ledger.hold(tx, id, expectedVersion);
      await this.timesheets.demandOpen(tx, before.userId, [before.day]);
      const now = new Date();
      await this.ledger.change(tx, before, { deletedAt: now }, now);
      tx.announce(new TimeEntryDeleted(id, before.taskId, before.projectId, before.userId));
    });
  }

  /** When it was, and how long that is by the project's rules of today. */
  async #span(tx: TenantContext, before: TimeEntryRow, said: SpanFields, now: Date): Promise<Partial<TimeEntry>> {
    const timeZone = await this.calendars.timeZoneOf(tx, before.userId);
    if (before.endedAt === null) {
      const { startedAt, ...rest } = said;
      if (startedAt === undefined || saysSpan(rest)) throw new EntryStillRuns();
      return startOfTimer(startedAt, { now, timeZone });
    }
    const span = spanOf(said, before as Span, { now, timeZone });
    return { ...span, roundedMinutes: await this.ledger.round(tx, before.projectId, span.minutes) };
  }
}
