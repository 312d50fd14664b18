import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { audit } from '../platform/audit/audit.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { HolidaysService } from '../holidays/holidays.service.ts';
import { UsersService } from '../users/users.service.ts';
import { canChangeCalendar, canReadCalendar } from './calendar.policy.ts';
import { CalendarFull } from './calendars.errors.ts';
import { findTimeZone, listAbsences, listAbsencesOf, listPeriods, listPeriodsOf } from './calendars.queries.ts';
import type { Period, WorkCalendars } from './calendars.types.ts';
import { TimeOff } from './time-off.entity.ts';
import {
  STANDARD_TIME_ZONE,
  holidaySet,
  patternOf,
  weekOn,
  workingTime,
  type WeekInForce,
  type WorkCalendar,
  type WorkDay,
} from './working-time.rules.ts';
import { WorkingWeek } from './working-week.entity.ts';

const MOST_PERIODS = 100;
/** Behind all that can be typed in. */
const LAST_DAY = '9999-12-31';

export interface Calendar {
  /** Null for the organisation's. */
  userId: string | null;
  /** What holds today (UTC). */
  today: WeekInForce & { timeZone: string };
  /** What was said for this calendar itself, oldest first. */
  periods: Period[];
}

/** The weeks in which people work: the organisation's, and those of whoever works otherwise. */
@Injectable()
export class CalendarsService {
  constructor(
    private readonly users: UsersService,
    private readonly holidays: HolidaysService,
  ) {}

  async getDefault(ctx: TenantContext): Promise<Calendar> {
    return calendarOf(null, [], await listPeriods(ctx, null), null);
  }

  /** Holds from its day on; what was before stays. @throws CalendarFull */
  async putDefault(ctx: TenantContext, period: Period): Promise<Calendar> {
    return ctx.transaction(async (tx) => {
      await this.#put(tx, null, period);
      return this.getDefault(tx);
    });
  }

  /** @throws UserMissing, PermissionDenied */
  async get(ctx: TenantContext, userId: string): Promise<Calendar> {
    const { timeZone } = await this.demandReadable(ctx, userId);
    const [own, organisation] = [await listPeriods(ctx, userId), await listPeriods(ctx, null)];
    return calendarOf(userId, own, organisation, timeZone);
  }

  /** Holds from its day on; what was before stays. @throws UserMissing, PermissionDenied, UserOutOfReach, CalendarFull */
  async put(ctx: TenantContext, userId: string, period: Period): Promise<Calendar> {
    return ctx.transaction(async (tx) => {
      await this.demandChangeable(tx, userId);
      await this.#put(tx, userId, period);
      return this.get(tx, userId);
    });
  }

  /** @param range first and last day @throws UserMissing, PermissionDenied */
  async workingTime(ctx: TenantContext, userId: string, range: { from: string; to: string }): Promise<WorkDay[]> {
    await this.demandReadable(ctx, userId);
    const own = await listPeriods(ctx, userId);
    const organisation = await listPeriods(ctx, null);
    const holidays = await this.holidays.listBetween(ctx, range.from, range.to);
    const absences = await listAbsences(ctx, userId, range.from, range.to);
    return workingTime(range, { own, organisation, holidays, absences });
  }

  /**
   * The same for many people, in as many statements as for one. Asks for no permission.
   *
   * @param range first and last day
   */
  async workingTimeOf(
    ctx: TenantContext,
    userIds: readonly string[],
    range: { from: string; to: string },
  ): Promise<Map<string, WorkDay[]>> {
    const calendarOf = await this.#calendars(ctx, userIds, range);
    return new Map(userIds.map((id) => [id, workingTime(range, calendarOf(id))]));
  }

  /** Where the person is: as their calendar says, else they themselves, else the organisation's. Asks for no permission. */
  async timeZoneOf(ctx: TenantContext, userId: string): Promise<string> {
    return (await findTimeZone(ctx, userId)) ?? STANDARD_TIME_ZONE;
  }

  /**
   * When all these people work and the organisation does, in three statements. For figures that are computed from it, such as
   * a plan: who may see those has been asked by the caller, and the reasons (holidays, time off) stay here.
   *
   * @param from holidays and time off before this day are left out
   */
  async workCalendars(ctx: TenantContext, userIds: readonly string[], from: string): Promise<WorkCalendars> {
    const calendarOf = await this.#calendars(ctx, userIds, { from, to: LAST_DAY });
    const organisation = calendarOf(null);
    const holidays = holidaySet(organisation.holidays);
    return {
      organisation: patternOf(organisation, holidays),
      people: new Map(userIds.map((id) => [id, patternOf(calendarOf(id), holidays)])),
    };
  }

  /** Of somebody who was deleted. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const entity of [WorkingWeek, TimeOff]) await tx.repository(entity).delete({ userId });
    });
  }

  /** @throws UserMissing, PermissionDenied */
  async demandReadable(ctx: TenantContext, userId: string): Promise<{ timeZone: string | null }> {
    if (!canReadCalendar(ctx.actor, userId)) throw new PermissionDenied('user.read');
    return this.users.get(ctx, userId);
  }

  /** The person stays there until the transaction ends. @throws UserMissing, PermissionDenied, UserOutOfReach */
  async demandChangeable(tx: TenantContext, userId: string): Promise<void> {
    if (!canChangeCalendar(tx.actor, userId)) throw new PermissionDenied('user.update');
    await this.users.hold(tx, userId);
    if (userId !== tx.actor.userId) this.users.demandReach(tx, await this.users.get(tx, userId));
  }

  /** The calendars of these people, and under null the organisation's. */
  async #calendars(
    ctx: TenantContext,
    userIds: readonly string[],
    { from, to }: { from: string; to: string },
  ): Promise<(userId: string | null) => WorkCalendar> {
    const periods = Map.groupBy(await listPeriodsOf(ctx, userIds), ({ userId }) => userId);
    const absences = Map.groupBy(await listAbsencesOf(ctx, userIds, from), ({ userId }) => userId);
    const holidays = await this.holidays.listBetween(ctx, from, to);
    const organisation = periods.get(null) ?? [];
    return (userId) => {
      const [own, away] = userId === null ? [] : [periods.get(userId), absences.get(userId)];
      return { own: own ?? [], absences: away ?? [], organisation, holidays };
    };
  }

  async #put(tx: TenantContext, userId: string | null, { from, minutes, timeZone }: Period): Promise<void> {
    const periods = await listPeriods(tx, userId);
    const before = periods.find((each) => each.from === from);
    if (!before && periods.length >= MOST_PERIODS) throw new CalendarFull(MOST_PERIODS);
    await tx.query(
      `INSERT INTO "@tenant".working_weeks (id, user_id, valid_from, minutes, time_zone) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (user_id, valid_from) DO UPDATE
         SET minutes = excluded.minutes, time_zone = excluded.time_zone, updated_at = now()`,
      [newId(), userId, from, minutes, timeZone],
    );
    const target = userId === null ? undefined : { type: 'user', id: userId };
    await audit(tx, { action: 'calendar.changed', target, before, after: { from, minutes, timeZone } });
  }
}

function calendarOf(
  userId: string | null,
  own: Period[],
  organisation: Period[],
  timeZoneOfPerson: string | null,
): Calendar {
  const inForce = weekOn(new Date().toISOString().slice(0, 10), own, organisation);
  const said = weekOn(new Date().toISOString().slice(0, 10), own, []).timeZone;
  const timeZone = said ?? timeZoneOfPerson ?? inForce.timeZone ?? STANDARD_TIME_ZONE;
  return { userId, today: { ...inForce, timeZone }, periods: userId === null ? organisation : own };
}
