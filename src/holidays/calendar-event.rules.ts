import type ical from 'ical.js';

type Component = InstanceType<typeof ical.Component>;
type Property = InstanceType<typeof ical.Property>;

const MOST_DAYS_OF_EVENT = 31;
const LONGEST_NAME = 200;
const DAY_MS = 86_400_000;
const DAY = /^(?:19|20|21)\d{2}-\d{2}-\d{2}$/;
/** RFC 5545, 3.3.6, without its times of day. */
const DURATION_OF_DAYS = /^\+?P(?:(\d{1,4})W|(\d{1,4})D)$/i;

/** Why an event of a calendar file gives no holiday. */
export class UnusableEvent extends Error {}

/** The text of a property; empty without one. @throws what the library throws at a value that is wrong */
export function textOf(event: Component, name: string): string {
  const value = event.getFirstPropertyValue(name);
  return typeof value === 'string' ? value : '';
}

/** One line of at most 200 characters, in NFC. */
export function nameOf(event: Component): string {
  const line = textOf(event, 'summary')
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
  return [...line.trim()].slice(0, LONGEST_NAME).join('').trim() || 'Holiday';
}

/** Null for a moment, and for a day that does not exist, which the library would take for another one. */
export function dayOf(event: Component, name: string): string | null {
  const property = event.getFirstProperty(name);
  return property?.type === 'date' ? existing(String((property.toJSON() as unknown[])[3])) : null;
}

/**
 * Days that it lasts. Its end is the day after the last one; an end that is the start is one day, as many programs write it.
 *
 * @throws UnusableEvent when that is no length for a holiday
 */
export function daysLong(event: Component, start: string): number {
  const length = lengthOf(event, start);
  if (length < 0) throw new UnusableEvent('it ends before it starts');
  if (length > MOST_DAYS_OF_EVENT) throw new UnusableEvent(`it lasts more than ${MOST_DAYS_OF_EVENT} days`);
  return Math.max(1, length);
}

function lengthOf(event: Component, start: string): number {
  if (event.getFirstProperty('dtend')) {
    const end = dayOf(event, 'dtend');
    if (end === null) throw new UnusableEvent('DTEND is not a day that exists');
    return Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS);
  }
  const duration = event.getFirstProperty('duration');
  if (!duration) return 1;
  const [, weeks, days] = DURATION_OF_DAYS.exec(String((duration.toJSON() as unknown[])[3])) ?? [];
  if (weeks === undefined && days === undefined) throw new UnusableEvent('DURATION is not a number of days or weeks');
  return Number(weeks ?? 0) * 7 + Number(days ?? 0);
}

/** The recurrence rules as text. @throws UnusableEvent */
export function rulesOf(event: Component): string[] {
  if (event.getFirstProperty('exrule')) throw new UnusableEvent('EXRULE is not supported');
  return event.getAllProperties('rrule').map((property) => String(property.getFirstValue()));
}

/** Days beside those of the rules (RDATE). @throws UnusableEvent */
export function extraDays(event: Component): string[] {
  return event.getAllProperties('rdate').flatMap((property) => {
    if (property.type !== 'date') throw new UnusableEvent('RDATE is not a list of days');
    return valuesOf(property).map((value) => {
      const day = existing(value);
      if (day === null) throw new UnusableEvent('RDATE names a day that does not exist');
      return day;
    });
  });
}

/** Days that are left out (EXDATE), also those that are written as moments. */
export function excludedDays(event: Component): string[] {
  return event.getAllProperties('exdate').flatMap((property) => valuesOf(property).map((value) => value.slice(0, 10)));
}

function valuesOf(property: Property): string[] {
  return (property.toJSON() as unknown[]).slice(3).map(String);
}

function existing(day: string): string | null {
  const time = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : null;
}
