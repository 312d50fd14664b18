import { LRUCache } from 'lru-cache';

/** Days of the calendar are texts, `YYYY-MM-DD`: they sort as they follow each other, and no clock changes them. */

const DAY_MS = 86_400_000;

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** First and last day included; none when `to` is before `from`. */
export function daysBetween(from: string, to: string): string[] {
  const count = (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => addDays(from, i));
}

/** 0 is Monday. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The first day of the ISO week that the day is in. */
export function mondayOf(day: string): string {
  return addDays(day, -weekdayOf(day));
}

/** Mondays of the ISO weeks that the days from `from` to `to` are in. */
export function weeksBetween(from: string, to: string): string[] {
  return daysBetween(mondayOf(from), to).filter((day) => weekdayOf(day) === 0);
}

/** What day it is at that moment in a time zone. @param timeZone an IANA name */
export function dayIn(timeZone: string, moment: Date): string {
  return new Date(localTime(timeZone, moment)).toISOString().slice(0, 10);
}

/** The first moment of the day in a time zone; where clocks skip midnight, the first one after it. */
export function startOfDay(timeZone: string, day: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const offsetAt = (moment: number) => localTime(timeZone, new Date(moment)) - moment;
  // A change of clocks lies between at most one of the two guesses and the midnight that is looked for.
  const guesses = [midnight - offsetAt(midnight - DAY_MS), midnight - offsetAt(midnight + DAY_MS)];
  const first = guesses.sort((a, b) => a - b).find((guess) => dayIn(timeZone, new Date(guess)) === day);
  return new Date(first ?? guesses[1]!);
}

/** What the clocks show, as if it were UTC; whole seconds, for no zone of today has less. */
function localTime(timeZone: string, moment: Date): number {
  const parts = formatOf(timeZone).formatToParts(moment);
  const value = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
    moment.getUTCMilliseconds(),
  );
}

/** Making a format costs more than using one, and each takes 28 KB: rows that are older may hold a zone in any spelling. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 200 });

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
