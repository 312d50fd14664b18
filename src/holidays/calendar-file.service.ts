import { Injectable } from '@nestjs/common';
import type ical from 'ical.js';
import {
  dayOf,
  daysLong,
  excludedDays,
  extraDays,
  nameOf,
  rulesOf,
  textOf,
  UnusableEvent,
} from './calendar-event.rules.ts';
import { CalendarTooLarge, CalendarUnreadable } from './holidays.errors.ts';
import type { CalendarReading, HolidayDay, SkippedEvent } from './holidays.types.ts';
import { occurrencesOf } from './recurrence.rules.ts';

type Component = InstanceType<typeof ical.Component>;

/** Years before and after this one that a recurring holiday is written down for. */
const YEARS_BACK = 1;
const YEARS_AHEAD = 5;
/** The library reads a line of many parameters in time that grows with the square of its length. */
const LONGEST_LINE = 20_000;
const MOST_LINES = 50_000;
const MOST_EVENTS = 2_000;
const MOST_DAYS = 5_000;
/** Events that an answer names, with what was wrong with them; further ones are counted. */
const MOST_NAMED = 50;
/** Days that rules may look at, and days that may be written down: so many, and so many more for each 1,000 characters. */
const RULE_DAYS = { base: 4_000, more: 40 };
const WRITTEN_DAYS = { base: 20_000, more: 300 };
const BYTE_ORDER_MARK = '\uFEFF';

/** Reads calendar files (RFC 5545) as those with public holidays are made. */
@Injectable()
export class CalendarFiles {
  /**
   * The days of all-day events. Whatever else the file has is skipped and named with its reason: events with a time of day,
   * cancelled ones, and those that cannot be read. An occurrence that was moved, changed or cancelled (RECURRENCE-ID) takes
   * the place of the original one.
   *
   * It is done at once, on the event loop: a file that asks for more work than its size allows is refused on the way.
   *
   * @throws CalendarUnreadable, CalendarTooLarge
   */
  async read(text: string): Promise<CalendarReading> {
    refuseLongLines(text);
    const { default: library } = await import('ical.js');
    let events: Component[];
    try {
      const calendar = new library.Component(library.parse(text.replace(BYTE_ORDER_MARK, '')) as unknown[]);
      if (calendar.name !== 'vcalendar') throw new CalendarUnreadable();
      events = calendar.getAllSubcomponents('vevent');
    } catch {
      throw new CalendarUnreadable();
    }
    if (events.length > MOST_EVENTS) throw new CalendarTooLarge(`more than ${MOST_EVENTS} events`);
    const reading = new Reading(text.length);
    for (const series of seriesOf(events)) reading.take(series);
    return reading.outcome;
  }
}

/** An event and the occurrences of it that stand in the file by themselves. */
interface Series {
  event: Component | null;
  changed: Component[];
}

/** Events by their UID. Those without one, and several of one UID that are no occurrences of each other, stand alone. */
function seriesOf(events: Component[]): Series[] {
  const series: Series[] = [];
  const byUid = new Map<string, Series>();
  for (const event of events) {
    const uid = textOf(event, 'uid');
    const isOccurrence = event.getFirstProperty('recurrence-id') !== null;
    const known = uid === '' ? undefined : byUid.get(uid);
    if (known && isOccurrence) known.changed.push(event);
    else if (known && known.event === null) known.event = event;
    else {
      const alone: Series = isOccurrence ? { event: null, changed: [event] } : { event, changed: [] };
      series.push(alone);
      if (uid !== '' && !known) byUid.set(uid, alone);
    }
  }
  return series;
}

/** One file's days, and what may still be done to find them. */
class Reading {
  readonly #days = new Map<string, HolidayDay>();
  readonly #skipped: SkippedEvent[] = [];
  #skippedInAll = 0;
  #ruleDays: number;
  #writtenDays: number;

  constructor(length: number) {
    const thousands = Math.ceil(length / 1_000);
    this.#ruleDays = RULE_DAYS.base + RULE_DAYS.more * thousands;
    this.#writtenDays = WRITTEN_DAYS.base + WRITTEN_DAYS.more * thousands;
  }

  /** Each day of an event once, however often the file has it. */
  get outcome(): CalendarReading {
    return { days: [...this.#days.values()], skipped: this.#skippedInAll, skippedEvents: this.#skipped };
  }

  /** @throws CalendarTooLarge */
  take({ event, changed }: Series): void {
    const replaced = new Set<string>();
    for (const occurrence of changed) {
      this.#unlessUnusable(occurrence, () => {
        if (occurrence.getFirstProperty('recurrence-id')!.getFirstParameter('range') !== undefined)
          throw new UnusableEvent('RECURRENCE-ID with RANGE is not supported');
        const original = dayOf(occurrence, 'recurrence-id');
        if (original === null) throw new UnusableEvent('RECURRENCE-ID is not a day');
        // One that cannot be read leaves the original where it is.
        if (!isCancelled(occurrence)) this.#keep(occurrence, [startOf(occurrence)]);
        replaced.add(original);
        if (isCancelled(occurrence)) throw new UnusableEvent('cancelled');
      });
    }
    if (event) this.#unlessUnusable(event, () => this.#keep(event, this.#startsOf(event, replaced)));
  }

  #startsOf(event: Component, replaced: ReadonlySet<string>): string[] {
    const year = new Date().getUTCFullYear();
    const range = { from: `${year - YEARS_BACK}-01-01`, to: `${year + YEARS_AHEAD}-12-31` };
    const start = startOf(event);
    const excluded = new Set([...excludedDays(event), ...replaced]);
    const rules = rulesOf(event);
    const recurrence = { start, rules, extra: extraDays(event), excluded };
    try {
      return occurrencesOf(recurrence, range, this.#spendOnRules);
    } catch (error) {
      if (error instanceof CalendarTooLarge) throw error;
      throw new UnusableEvent('RRULE cannot be read, or is not a rule of days');
    }
  }

  /** @throws UnusableEvent, before any of its days is kept; CalendarTooLarge */
  #keep(event: Component, starts: string[]): void {
    if (isCancelled(event)) throw new UnusableEvent('cancelled');
    const length = daysLong(event, startOf(event));
    const name = nameOf(event);
    const uid = [...textOf(event, 'uid')].slice(0, 255).join('') || `without uid: ${name}`;
    for (const first of starts) {
      for (let i = 0; i < length; i += 1) {
        this.#writtenDays -= 1;
        if (this.#writtenDays < 0) throw new CalendarTooLarge('events that take too long to work out');
        const day = plus(first, i);
        const key = `${day} ${uid}`;
        if (!this.#days.has(key)) this.#days.set(key, { day, name, uid });
        if (this.#days.size > MOST_DAYS) throw new CalendarTooLarge(`more than ${MOST_DAYS} days`);
      }
    }
  }

  readonly #spendOnRules = (days: number): void => {
    this.#ruleDays -= days;
    if (this.#ruleDays < 0) throw new CalendarTooLarge('rules that take too long to work out');
  };

  #unlessUnusable(event: Component, take: () => void): void {
    try {
      take();
    } catch (error) {
      if (error instanceof CalendarTooLarge) throw error;
      this.#skippedInAll += 1;
      if (this.#skipped.length >= MOST_NAMED) return;
      // The library reads a value when it is asked for, and throws at one that is wrong.
      const reason = error instanceof UnusableEvent ? error.message : 'it cannot be read';
      this.#skipped.push({ name: safely(() => nameOf(event)), uid: safely(() => textOf(event, 'uid')), reason });
    }
  }
}

function isCancelled(event: Component): boolean {
  return textOf(event, 'status').toUpperCase() === 'CANCELLED';
}

/** @throws UnusableEvent */
function startOf(event: Component): string {
  const start = dayOf(event, 'dtstart');
  if (start !== null) return start;
  const property = event.getFirstProperty('dtstart');
  if (!property) throw new UnusableEvent('DTSTART is missing');
  throw new UnusableEvent(property.type === 'date' ? 'DTSTART is not a day that exists' : 'not an all-day event');
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

function plus(day: string, days: number): string {
  return days === 0 ? day : new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function safely(read: () => string): string {
  try {
    return [...read()].slice(0, 200).join('');
  } catch {
    return '';
  }
}
