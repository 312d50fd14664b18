import { Injectable } from '@nestjs/common';
import { CalendarsService } from '../calendars/calendars.service.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { audit } from '../platform/audit/audit.ts';
import { dayIn, mondayOf, weeksBetween } from '../platform/dates/days.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UsersService } from '../users/users.service.ts';
import { canReadTimesheets, refusalToApprove } from './timesheet.policy.ts';
import { TimesheetWeek } from './timesheet-week.entity.ts';
import { WeekIsApproved, WeekStillRuns, WeekToCome } from './timesheets.errors.ts';
import { WeekApproved, WeekReopened } from './timesheets.events.ts';
import { findApproved, listApprovals, lockTimeOf, sumWeeks, type WeekSums } from './timesheets.queries.ts';

export interface Timesheet extends WeekSums {
  /** Null while the week is open. */
  approval: TimesheetWeek | null;
}

/** Whether what somebody worked in a week can be changed still. */
@Injectable()
export class TimesheetsService {
  constructor(
    private readonly users: UsersService,
    private readonly calendars: CalendarsService,
  ) {}

  /**
   * Whatever changes a person's time asks for this first: until the transaction ends it is the only one, and no week of
   * theirs is approved or reopened.
   */
  holdTime(tx: TenantContext, userId: string): Promise<void> {
    return lockTimeOf(tx, userId);
  }

  /** While the time is held. @param days that entries count for @throws WeekIsApproved */
  async demandOpen(tx: TenantContext, userId: string, days: string[]): Promise<void> {
    const approved = await findApproved(tx, userId, days.map(mondayOf));
    if (approved !== null) throw new WeekIsApproved(approved);
  }

  /** The weeks that the days lie in, also those without an entry. @throws PermissionDenied, UserMissing */
  async list(ctx: TenantContext, userId: string, range: { from: string; to: string }): Promise<Timesheet[]> {
    if (!canReadTimesheets(ctx.actor, userId)) throw new PermissionDenied('time.manage');
    await this.users.get(ctx, userId);
    return this.#weeks(ctx, userId, weeksBetween(range.from, range.to));
  }

  /** Approving it again changes nothing. @param week its Monday @throws PermissionDenied, OwnWeek, UserMissing, WeekToCome, WeekStillRuns */
  async approve(ctx: TenantContext, userId: string, week: string, note: string | null): Promise<Timesheet> {
    return ctx.transaction(async (tx) => {
      const refusal = refusalToApprove(tx.actor, userId);
      if (refusal) throw refusal;
      await lockTimeOf(tx, userId);
      await this.users.hold(tx, userId);
      const sheet = await this.#week(tx, userId, week);
      if (sheet.approval) return sheet;
      const now = new Date();
      if (week > dayIn(await this.calendars.timeZoneOf(tx, userId), now)) throw new WeekToCome();
      if (sheet.runningEntryId) throw new WeekStillRuns(sheet.runningEntryId);
      const { entries, minutes, roundedMinutes } = sheet;
      const counted = { entries, minutes, roundedMinutes };
      await tx
        .repository(TimesheetWeek)
        .insert({ userId, week, ...counted, note, approvedBy: tx.actor.userId, approvedAt: now });
      const target = { type: 'user', id: userId };
      await audit(tx, { action: 'timesheet.approved', target, after: { week, ...counted } });
      tx.announce(new WeekApproved(userId, week));
      return this.#week(tx, userId, week);
    });
  }

  /** Reopening what is open changes nothing. @param week its Monday @throws PermissionDenied, OwnWeek, UserMissing */
  async reopen(ctx: TenantContext, userId: string, week: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const refusal = refusalToApprove(tx.actor, userId);
      if (refusal) throw refusal;
      await lockTimeOf(tx, userId);
      await this.users.hold(tx, userId);
      const { affected } = await tx.repository(TimesheetWeek).delete({ userId, week });
      if (!affected) return;
      await audit(tx, { action: 'timesheet.reopened', target: { type: 'user', id: userId }, before: { week } });
      tx.announce(new WeekReopened(userId, week));
    });
  }

  async #week(ctx: TenantContext, userId: string, week: string): Promise<Timesheet> {
    return (await this.#weeks(ctx, userId, [week]))[0]!;
  }

  async #weeks(ctx: TenantContext, userId: string, weeks: string[]): Promise<Timesheet[]> {
    const sums = await sumWeeks(ctx, userId, weeks);
    const approvals = await listApprovals(ctx, userId, weeks);
    return weeks.map((week) => ({
      ...(sums.find((each) => each.week === week) ?? { ...NOTHING, week }),
      approval: approvals.find((each) => each.week === week) ?? null,
    }));
  }
}

const NOTHING = { entries: 0, minutes: 0, roundedMinutes: 0, billableMinutes: 0, runningEntryId: null };
