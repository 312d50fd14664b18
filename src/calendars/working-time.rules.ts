import type { Period, Week, WeekSource } from './calendars.types.ts';

/** Eight hours from Monday to Friday. */
const STANDARD_WEEK: Week = [480, 480, 480, 480, 480, 0, 0];
export const STANDARD_TIME_ZONE = 'UTC';

const DAY_MS = 86_400_000;

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
  return datesBetween(from, to).map(workDayReader(calendar));
}

/** How long somebody works on a day. */
export function workDayReader(calendar: WorkCalendar): (date: string) => WorkDay {
  const holidays = new Map<string, string>();
  for (const { day, name } of calendar.holidays) if (!holidays.has(day)) holidays.set(day, name);
  return (date) => {
    const planned = weekOn(date, calendar.own, calendar.organisation).minutes[weekdayOf(date)]!;
    const holiday = holidays.get(date) ?? null;
    const due = holiday === null ? planned : 0;
    const off = calendar.absences
      .filter(({ firstDay, lastDay }) => firstDay <= date && date <= lastDay)
      .reduce((sum, { minutesPerDay }) => sum + (minutesPerDay ?? planned), 0);
    return { date, planned, minutes: Math.max(0, due - off), holiday, away: due > 0 && off > 0 };
  };
}

function datesBetween(from: string, to: string): string[] {
  const first = Date.parse(`${from}T00:00:00Z`);
  const count = (Date.parse(`${to}T00:00:00Z`) - first) / DAY_MS + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10));
}

/** 0 is Monday. */
function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function periodOn(day: string, periods: readonly Period[]): Period | null {
  return periods.reduce<Period | null>(
    (found, each) => (each.from <= day && (found === null || each.from > found.from) ? each : found),
    null,
  );
}
