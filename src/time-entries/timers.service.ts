import { Injectable } from '@nestjs/common';
import { CalendarsService } from '../calendars/calendars.service.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { dayIn } from '../platform/dates/days.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { TimesheetsService } from '../timesheets/timesheets.service.ts';
import { UsersService } from '../users/users.service.ts';
import { lackingToLog } from './time-entry.policy.ts';
import { endOfTimer, minutesBetween } from './time-entry.rules.ts';
import { EndedBeforeStart, InTheFuture, NoTimerRuns, TimerRunning, TimerStopped } from './time-entries.errors.ts';
import { TimeLogged, TimerStarted } from './time-entries.events.ts';
import { findRunning, lockTask, type TimeEntryRow } from './time-entries.queries.ts';
import type { TimeEntryFields } from './time-entries.service.ts';
import { TimeLedgerService } from './time-ledger.service.ts';

/** Entries that are written while somebody works. A person has one timer that runs, or none. */
@Injectable()
export class TimersService {
  constructor(
    private readonly users: UsersService,
    private readonly projects: ProjectsService,
    private readonly tasks: TasksService,
    private readonly calendars: CalendarsService,
    private readonly timesheets: TimesheetsService,
    private readonly ledger: TimeLedgerService,
  ) {}

  /** The actor's own. @throws NoTimerRuns */
  async getRunning(ctx: TenantContext): Promise<TimeEntryRow> {
    const running = await findRunning(ctx, ctx.actor.userId!);
    if (!running) throw new NoTimerRuns();
    return running;
  }

  /**
   * @param stopRunning stops the timer that runs, if one does, at the same moment
   * @throws TaskMissing, PermissionDenied, ProjectArchived, TimerRunning, WeekIsApproved
   */
  async start(
    ctx: TenantContext,
    taskId: string,
    { note = null, billable = false, stopRunning = false }: TimeEntryFields & { stopRunning?: boolean },
  ): Promise<TimeEntryRow> {
    return ctx.transaction(async (tx) => {
      const userId = tx.actor.userId!;
      await this.timesheets.holdTime(tx, userId);
      const { task, ties } = await this.tasks.getWithTies(tx, taskId);
      const { projectId } = task;
      const lacking = lackingToLog(tx.actor, userId, ties);
      // Somebody who is being deactivated would be left with a timer that nobody stops.
      if (lacking || !(await this.users.holdActive(tx, userId))) throw new PermissionDenied(lacking ?? 'time.log');
      // Held before the task of the timer that runs: everybody who holds both a project and a task begins with the project.
      await this.projects.tiesTo(tx, projectId, { hold: true, writing: true, enough: () => true });
      const running = await findRunning(tx, userId);
      if (running && !stopRunning) throw new TimerRunning(running.id);
      const startedAt = new Date();
      const day = dayIn(await this.calendars.timeZoneOf(tx, userId), startedAt);
      await this.timesheets.demandOpen(tx, userId, [day]);
      if (running) await this.#finish(tx, running, startedAt);
      const entry = await this.ledger.insert(
        tx,
        { taskId, projectId, userId, day, startedAt, ...RUNNING, note, billable },
        startedAt,
      );
      tx.announce(new TimerStarted(entry.id, taskId, projectId, userId));
      return entry;
    });
  }

  /**
   * One's own in any case, also of a task that is gone; that of others with time.manage. One that was forgotten ends a
   * day after its start.
   *
   * @param endedAt when the work was over, if that was earlier
   * @throws TimeEntryMissing, PermissionDenied, TimerStopped, InTheFuture, EndedBeforeStart
   */
  async stop(ctx: TenantContext, id: string, endedAt?: string): Promise<TimeEntryRow> {
    return ctx.transaction(async (tx) => {
      const running = await this.ledger.holdToStop(tx, id);
      if (running.endedAt !== null) throw new TimerStopped();
      const now = new Date();
      const at = endedAt === undefined ? now : new Date(endedAt);
      if (at > now) throw new InTheFuture('/endedAt');
      if (at < running.startedAt) throw new EndedBeforeStart();
      await this.#finish(tx, running, at);
      return this.ledger.get(tx, id);
    });
  }

  /** Of somebody who is gone. */
  async stopOf(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.timesheets.holdTime(tx, userId);
      // Heard late: the timer of somebody who is back is their own business.
      if (await this.users.holdActive(tx, userId)) return;
      const running = await findRunning(tx, userId);
      if (running) await this.#finish(tx, running, new Date());
    });
  }

  /** Its week is open: one in which a timer runs is not approved. */
  async #finish(tx: TenantContext, running: TimeEntryRow, at: Date): Promise<void> {
    const { id, taskId, projectId, userId, startedAt } = running;
    await lockTask(tx, taskId);
    const endedAt = endOfTimer(startedAt, at);
    const minutes = minutesBetween(startedAt, endedAt);
    const roundedMinutes = await this.ledger.round(tx, projectId, minutes);
    await this.ledger.change(tx, running, { endedAt, minutes, roundedMinutes }, new Date());
    tx.announce(new TimeLogged(id, taskId, projectId, userId));
  }
}

const RUNNING = { endedAt: null, minutes: null, byDay: false, source: 'timer' as const };
