import { Injectable } from '@nestjs/common';
import type ical from 'ical.js';
import { CalendarUnreadable } from './holidays.errors.ts';
import type { HolidayDay } from './holidays.types.ts';
import { occurrencesOf, type NthWeekday, type YearlyRule } from './yearly.rules.ts';

type Component = InstanceType<typeof ical.Component>;
type Recur = InstanceType<typeof ical.Recur>;
type Time = InstanceType<typeof ical.Time>;

/** Years before and after this one that a recurring holiday is written down for. */
const YEARS_BACK = 1;
const YEARS_AHEAD = 5;
const MOST_DAYS_OF_EVENT = 31;
const DAY_MS = 86_400_000;
const KNOWN_PARTS = new Set(['BYMONTH', 'BYMONTHDAY', 'BYDAY']);
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** Reads calendar files (RFC 5545) as those with public holidays are made. */
@Injectable()
export class CalendarFiles {
  /**
   * The days of all-day events, once or yearly. Other events are skipped and counted: those with a time of day, that
   * recur in another way, or that cannot be read.
   *
   * @throws CalendarUnreadable
   */
  async read(text: string): Promise<{ days: HolidayDay[]; skipped: number }> {
    const { default: library } = await import('ical.js');
    let events: Component[];
    try {
      const calendar = new library.Component(library.parse(text) as unknown[]);
      if (calendar.name !== 'vcalendar') throw new CalendarUnreadable();
      events = calendar.getAllSubcomponents('vevent');
    } catch {
      throw new CalendarUnreadable();
    }
    const days: HolidayDay[] = [];
    let skipped = 0;
    for (const event of events) {
      const found = daysOf(event);
      if (found) days.push(...found);
      else skipped += 1;
    }
    return { days, skipped };
  }
}

/** Null when it is none of a holiday. */
function daysOf(event: Component): HolidayDay[] | null {
  try {
    const name = textOf(event, 'summary').slice(0, 200).trim() || 'Holiday';
    const uid = textOf(event, 'uid').slice(0, 255) || `without uid: ${name}`;
    if (textOf(event, 'status').toUpperCase() === 'CANCELLED') return null;
    const start = dayOf(event, 'dtstart');
    if (start === null) return null;
    const starts = startsOf(event, start);
    const length = lengthOf(event, start);
    return starts && length
      ? starts.flatMap((first) => Array.from({ length }, (_, i) => ({ day: plus(first, i), name, uid })))
      : null;
  } catch {
    // The library reads a value when it is asked for, and throws at one that is wrong.
    return null;
  }
}

function startsOf(event: Component, start: string): string[] | null {
  const recurrence = event.getFirstPropertyValue('rrule') as Recur | null;
  if (recurrence === null) return [start];
  const rule = yearlyRuleOf(recurrence);
  if (!rule) return null;
  const year = new Date().getUTCFullYear();
  const range = { from: `${year - YEARS_BACK}-01-01`, to: `${year + YEARS_AHEAD}-12-31` };
  const left = event
    .getAllProperties('exdate')
    .flatMap((property) => property.getValues().map((value) => (value as Time).toString().slice(0, 10)));
  return occurrencesOf(rule, start, range).filter((day) => !left.includes(day));
}

/** Null for one that holidays do not use; the library's own expansion does not end for rules that never fall on a day. */
function yearlyRuleOf({ freq, interval, count, until, parts }: Recur): YearlyRule | null {
  if (freq !== 'YEARLY' || Object.keys(parts).some((part) => !KNOWN_PARTS.has(part))) return null;
  const list = (part: string): (string | number)[] =>
    [(parts as Record<string, string | number | (string | number)[]>)[part] ?? []].flat();
  const months = list('BYMONTH').map(Number);
  const weekdays = list('BYDAY').map((each) => nthWeekdayOf(String(each)));
  const monthDays = list('BYMONTHDAY').map(Number);
  // Without a month it would be a weekday of the year.
  if (weekdays.length > 0 && months.length === 0 && monthDays.length === 0) return null;
  if (weekdays.includes(null) || !(interval >= 1)) return null;
  return {
    interval,
    count: count ?? null,
    until: until ? until.toString().slice(0, 10) : null,
    months,
    monthDays,
    weekdays: weekdays as NthWeekday[],
  };
}

function nthWeekdayOf(text: string): NthWeekday | null {
  const [, nth, weekday] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  return weekday === undefined ? null : { nth: Number(nth ?? 0), weekday: WEEKDAYS.indexOf(weekday) };
}

/** Days that it lasts; its end is the day after the last one. Null when that is no length for a holiday. */
function lengthOf(event: Component, start: string): number | null {
  const end = dayOf(event, 'dtend');
  const length = end === null ? 1 : Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS);
  return length >= 1 && length <= MOST_DAYS_OF_EVENT ? length : null;
}

/** Null for a moment, and for a day that does not exist, which the library would take for another one. */
function dayOf(event: Component, name: string): string | null {
  const property = event.getFirstProperty(name);
  if (property?.type !== 'date') return null;
  const day = String((property.toJSON() as unknown[])[3]);
  const time = Date.parse(`${day}T00:00:00Z`);
  const exists = /^(?:19|20|21)\d{2}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(time);
  return exists && new Date(time).toISOString().startsWith(day) ? day : null;
}

function textOf(event: Component, name: string): string {
  const value = event.getFirstPropertyValue(name);
  return typeof value === 'string' ? value : '';
}

function plus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
