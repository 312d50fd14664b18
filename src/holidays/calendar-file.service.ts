import { Injectable } from '@nestjs/common';
import type ical from 'ical.js';
import { CalendarTooLarge, CalendarUnreadable } from './holidays.errors.ts';
import type { HolidayDay } from './holidays.types.ts';
import { occurrencesOf, type NthWeekday, type YearlyRule } from './yearly.rules.ts';

type Component = InstanceType<typeof ical.Component>;
type Recur = InstanceType<typeof ical.Recur>;
type Time = InstanceType<typeof ical.Time>;

/** Years before and after this one that a recurring holiday is written down for. */
const YEARS_BACK = 1;
const YEARS_AHEAD = 5;
const MOST_DAYS_OF_EVENT = 31;
/** The library reads a line of many parameters in time that grows with the square of its length. */
const LONGEST_LINE = 20_000;
const MOST_LINES = 50_000;
const MOST_EVENTS = 2_000;
const MOST_DAYS = 5_000;
/** Days that are looked at, each with every weekday that it may be: well below a second. */
const MOST_STEPS = 100_000;
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
   * It is done at once, while everybody waits: a file that asks for more than a little work is refused on the way.
   *
   * @throws CalendarUnreadable, CalendarTooLarge
   */
  async read(text: string): Promise<{ days: HolidayDay[]; skipped: number }> {
    refuseLongLines(text);
    const { default: library } = await import('ical.js');
    let events: Component[];
    try {
      const calendar = new library.Component(library.parse(text) as unknown[]);
      if (calendar.name !== 'vcalendar') throw new CalendarUnreadable();
      events = calendar.getAllSubcomponents('vevent');
    } catch {
      throw new CalendarUnreadable();
    }
    if (events.length > MOST_EVENTS) throw new CalendarTooLarge(`more than ${MOST_EVENTS} events`);
    const reading = new Reading();
    const skipped = events.filter((event) => !reading.take(event)).length;
    return { days: reading.days, skipped };
  }
}

/** One file's days, and what may still be done to find them. */
class Reading {
  readonly #days = new Map<string, HolidayDay>();
  #steps = MOST_STEPS;

  /** Each once, however often the file has it. */
  get days(): HolidayDay[] {
    return [...this.#days.values()];
  }

  /** @returns whether the event is a holiday @throws CalendarTooLarge */
  take(event: Component): boolean {
    try {
      const name = textOf(event, 'summary').slice(0, 200).trim() || 'Holiday';
      const uid = textOf(event, 'uid').slice(0, 255) || `without uid: ${name}`;
      if (textOf(event, 'status').toUpperCase() === 'CANCELLED') return false;
      const start = dayOf(event, 'dtstart');
      if (start === null) return false;
      const starts = startsOf(event, start, this.#spend);
      const length = lengthOf(event, start);
      if (!starts || !length) return false;
      for (const first of starts) this.#keep(first, length, { name, uid });
      return true;
    } catch (error) {
      if (error instanceof CalendarTooLarge) throw error;
      // The library reads a value when it is asked for, and throws at one that is wrong.
      return false;
    }
  }

  #keep(first: string, length: number, event: { name: string; uid: string }): void {
    for (let i = 0; i < length; i += 1) {
      this.#spend(1);
      const day = plus(first, i);
      const key = `${day} ${event.uid}`;
      if (!this.#days.has(key)) this.#days.set(key, { day, ...event });
      if (this.#days.size > MOST_DAYS) throw new CalendarTooLarge(`more than ${MOST_DAYS} days`);
    }
  }

  readonly #spend = (steps: number): void => {
    this.#steps -= steps;
    if (this.#steps < 0) throw new CalendarTooLarge('rules and days that take too long to work out');
  };
}

/** @throws CalendarTooLarge */
function refuseLongLines(text: string): void {
  const lines = text.split('\n');
  if (lines.length > MOST_LINES) throw new CalendarTooLarge(`more than ${MOST_LINES} lines`);
  let length = 0;
  for (const line of lines) {
    const goesOn = line.startsWith(' ') || line.startsWith('\t');
    length = (goesOn ? length : 0) + line.length;
    if (length > LONGEST_LINE) throw new CalendarTooLarge(`a line of more than ${LONGEST_LINE} characters`);
  }
}

function startsOf(event: Component, start: string, spend: (steps: number) => void): string[] | null {
  const recurrence = event.getFirstPropertyValue('rrule') as Recur | null;
  if (recurrence === null) return [start];
  const rule = yearlyRuleOf(recurrence);
  if (!rule) return null;
  const year = new Date().getUTCFullYear();
  const range = { from: `${year - YEARS_BACK}-01-01`, to: `${year + YEARS_AHEAD}-12-31` };
  const left = new Set<string>();
  for (const property of event.getAllProperties('exdate')) {
    spend((property.toJSON() as unknown[]).length);
    for (const value of property.getValues()) left.add((value as Time).toString().slice(0, 10));
  }
  return occurrencesOf(rule, start, range, spend).filter((day) => !left.has(day));
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
