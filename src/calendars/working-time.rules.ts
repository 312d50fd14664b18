import { daysBetween } from '../platform/dates/days.ts';
import {
  dayNumber,
  mergeAbsences,
  minutesAway,
  minutesOfWork,
  plannedMinutes,
  type WorkPattern,
} from '../platform/dates/work-pattern.ts';
import type { Period, Week, WeekSource } from './calendars.types.ts';

/** Eight hours from Monday to Friday. */
const STANDARD_WEEK: Week = [480, 480, 480, 480, 480, 0, 0];
export const STANDARD_TIME_ZONE = 'UTC';

export interface WeekInForce {
  source: WeekSource;
  /** First day that it holds for; null for the standard one. */
  from: string | null;
  minutes: Week;
  timeZone: string | null;
}

/** The week that holds on a day: the person's, else the organisation's, else the standard one. */
export function weekOn(day: string, own: readonly Period[], organisation: readonly Period[]): WeekInForce {
  const mine = periodOn(day, own);
  const ours = periodOn(day, organisation);
  const timeZone = mine?.timeZone ?? ours?.timeZone ?? null;
  if (mine?.minutes) return { source: 'person', from: mine.from, minutes: mine.minutes, timeZone };
  if (ours?.minutes) return { source: 'organisation', from: ours.from, minutes: ours.minutes, timeZone };
  return { source: 'standard', from: null, minutes: STANDARD_WEEK, timeZone };
}

export interface Absence {
  firstDay: string;
  lastDay: string;
  /** Null: the whole day. */
  minutesPerDay: number | null;
}

export interface WorkCalendar {
  own: readonly Period[];
  organisation: readonly Period[];
  holidays: readonly { day: string; name: string }[];
  absences: readonly Absence[];
}

export interface WorkDay {
  date: string;
  /** What the week says. */
  planned: number;
  /** What is left of it after holidays and time off. */
  minutes: number;
  /** The first one by name, where there are several. */
  holiday: string | null;
  /** Whether the person has time off, on a day that they would work. */
  away: boolean;
}

/** Day by day how long somebody works, first and last day included. Days are dates, so that no clock is ever changed. */
export function workingTime({ from, to }: { from: string; to: string }, calendar: WorkCalendar): WorkDay[] {
  const names = new Map<string, string>();
  for (const { day, name } of calendar.holidays) if (!names.has(day)) names.set(day, name);
  const pattern = patternOf(calendar);
  const first = dayNumber(from);
  return daysBetween(from, to).map((date, i): WorkDay => {
    const planned = plannedMinutes(pattern, first + i);
    const holiday = names.get(date) ?? null;
    const away = planned > 0 && holiday === null && minutesAway(pattern, first + i) !== 0;
    return { date, planned, minutes: minutesOfWork(pattern, first + i), holiday, away };
  });
}

/** The days of these holidays. One set can serve all the people of an organisation. */
export function holidaySet(holidays: WorkCalendar['holidays']): ReadonlySet<number> {
  return new Set(holidays.map(({ day }) => dayNumber(day)));
}

/** The same calendar in the form in which it is quickly asked about a day. */
export function patternOf(
  { own, organisation, holidays, absences }: WorkCalendar,
  days: ReadonlySet<number> = holidaySet(holidays),
): WorkPattern {
  const entered = absences.map(({ firstDay, lastDay, minutesPerDay }) => ({
    first: dayNumber(firstDay),
    last: dayNumber(lastDay),
    minutes: minutesPerDay,
  }));
  return { weeks: weeksOf(own, organisation), holidays: days, absences: mergeAbsences(entered) };
}

/** What weekOn() says from each day on, gone over once. */
function weeksOf(own: readonly Period[], organisation: readonly Period[]): WorkPattern['weeks'] {
  const changes = [
    ...own.map(({ from, minutes }) => ({ from: dayNumber(from), mine: minutes })),
    ...organisation.map(({ from, minutes }) => ({ from: dayNumber(from), ours: minutes })),
  ].sort((a, b) => a.from - b.from);
  const weeks: { from: number; minutes: Week }[] = [{ from: -Infinity, minutes: STANDARD_WEEK }];
  let [mine, ours]: (Week | null)[] = [null, null];
  for (const change of changes) {
    if ('mine' in change) mine = change.mine;
    else ours = change.ours;
    const minutes = mine ?? ours ?? STANDARD_WEEK;
    // Of two that begin on the same day, the second one knows of both.
    if (weeks.at(-1)!.from === change.from) weeks.pop();
    weeks.push({ from: change.from, minutes });
  }
  return weeks;
}

function periodOn(day: string, periods: readonly Period[]): Period | null {
  return periods.reduce<Period | null>(
    (found, each) => (each.from <= day && (found === null || each.from > found.from) ? each : found),
    null,
  );
}
