import type { FieldChange } from '../history/history.types.ts';
import { dayIn, startOfDay } from '../platform/dates/days.ts';
import { EndedBeforeStart, InTheFuture, MixedSpan, NoSpan, TooLong } from './time-entries.errors.ts';
import type { TimeRules } from './time-entry.types.ts';

const MINUTE_MS = 60_000;
export const LONGEST_MS = 24 * 60 * MINUTE_MS;
const LONGEST_MINUTES = LONGEST_MS / MINUTE_MS;

/** Minutes after a project's rules: a multiple of `roundTo`; half a step is rounded up by `nearest`. */
export function roundedMinutes(minutes: number, { roundTo, mode }: TimeRules): number {
  if (roundTo === 0) return minutes;
  const steps = minutes / roundTo;
  const whole = { up: Math.ceil(steps), nearest: Math.floor(steps + 0.5), down: Math.floor(steps) }[mode];
  return whole * roundTo;
}

/** Minutes between two moments, to the nearest one. */
export function minutesBetween(startedAt: Date, endedAt: Date): number {
  return Math.round((endedAt.getTime() - startedAt.getTime()) / MINUTE_MS);
}

/** When a timer that is stopped at `at` has ended: one that was forgotten ends a day after its start. */
export function endOfTimer(startedAt: Date, at: Date): Date {
  return new Date(Math.min(Math.max(at.getTime(), startedAt.getTime()), startedAt.getTime() + LONGEST_MS));
}

/** When somebody worked. */
export interface Span {
  day: string;
  startedAt: Date;
  endedAt: Date;
  byDay: boolean;
  minutes: number;
}

/** What was said about it: a day and how long, or from when to when. */
export interface SpanFields {
  date?: string;
  minutes?: number;
  hours?: number;
  startedAt?: string;
  endedAt?: string;
}

export function saysSpan({ date, minutes, hours, startedAt, endedAt }: SpanFields): boolean {
  return [date, minutes, hours, startedAt, endedAt].some((value) => value !== undefined);
}

/**
 * When somebody worked, by what was said; what was not said is as before.
 *
 * @param before null for a new entry
 * @throws MixedSpan, NoSpan, InTheFuture, EndedBeforeStart, TooLong
 */
export function spanOf(
  said: SpanFields,
  before: Span | null,
  { now, timeZone }: { now: Date; timeZone: string },
): Span {
  const saysTimes = said.startedAt !== undefined || said.endedAt !== undefined;
  const saysDay = said.date !== undefined || said.minutes !== undefined || said.hours !== undefined;
  if ((saysTimes && saysDay) || (said.minutes !== undefined && said.hours !== undefined)) throw new MixedSpan();
  if (saysTimes) return timedSpan(said, before?.byDay ? null : before, { now, timeZone });
  const day = said.date ?? before?.day;
  const minutes = said.hours === undefined ? (said.minutes ?? before?.minutes) : Math.round(said.hours * 60);
  if (day === undefined || minutes === undefined) throw new NoSpan();
  return spanByDay(day, minutes, { now, timeZone });
}

/** When a timer was started that runs still. @throws InTheFuture, TooLong */
export function startOfTimer(
  said: string,
  { now, timeZone }: { now: Date; timeZone: string },
): {
  startedAt: Date;
  day: string;
} {
  const startedAt = new Date(said);
  if (startedAt > now) throw new InTheFuture('/startedAt');
  if (now.getTime() - startedAt.getTime() > LONGEST_MS) throw new TooLong('/startedAt');
  return { startedAt, day: dayIn(timeZone, startedAt) };
}

function timedSpan(said: SpanFields, before: Span | null, { now, timeZone }: { now: Date; timeZone: string }): Span {
  const startedAt = said.startedAt === undefined ? before?.startedAt : new Date(said.startedAt);
  const endedAt = said.endedAt === undefined ? before?.endedAt : new Date(said.endedAt);
  if (!startedAt || !endedAt) throw new NoSpan();
  if (startedAt > now) throw new InTheFuture('/startedAt');
  if (endedAt > now) throw new InTheFuture('/endedAt');
  if (endedAt <= startedAt) throw new EndedBeforeStart();
  if (endedAt.getTime() - startedAt.getTime() > LONGEST_MS) throw new TooLong('/endedAt');
  return {
    day: dayIn(timeZone, startedAt),
    startedAt,
    endedAt,
    byDay: false,
    minutes: minutesBetween(startedAt, endedAt),
  };
}

function spanByDay(day: string, minutes: number, { now, timeZone }: { now: Date; timeZone: string }): Span {
  if (day > dayIn(timeZone, now)) throw new InTheFuture('/date');
  if (minutes > LONGEST_MINUTES) throw new TooLong('/hours');
  if (minutes < 1) throw new NoSpan();
  const startedAt = startOfDay(timeZone, day);
  return { day, startedAt, endedAt: new Date(startedAt.getTime() + minutes * MINUTE_MS), byDay: true, minutes };
}

/** Fields of a time entry whose every change is kept. */
const RECORDED = ['date', 'startedAt', 'endedAt', 'minutes', 'roundedMinutes', 'note', 'billable', 'deleted'] as const;

/** What the history looks at of an entry. */
export interface EntrySnapshot {
  day: string;
  startedAt: Date;
  endedAt: Date | null;
  byDay: boolean;
  minutes: number | null;
  roundedMinutes: number | null;
  note: string | null;
  billable: boolean;
  deletedAt: Date | null;
}

/** What differs between two states of an entry, as it is shown; that it was made is a change as well. */
export function changesBetween(before: EntrySnapshot | null, after: EntrySnapshot): FieldChange[] {
  if (!before) return [{ field: 'created', oldValue: null, newValue: true }];
  return RECORDED.map((field) => ({ field, oldValue: valueOf(before, field), newValue: valueOf(after, field) })).filter(
    ({ oldValue, newValue }) => oldValue !== newValue,
  );
}

function valueOf(entry: EntrySnapshot, field: (typeof RECORDED)[number]): unknown {
  if (field === 'date') return entry.day;
  if (field === 'deleted') return entry.deletedAt !== null;
  if (field === 'startedAt' || field === 'endedAt') return entry.byDay ? null : (entry[field]?.toISOString() ?? null);
  return entry[field];
}
