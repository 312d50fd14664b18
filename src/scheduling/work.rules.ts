import { POINT, daysOfWork, minutesOfWork, type Span } from './span.rules.ts';
import type { PlanTask, Work } from './scheduling.types.ts';
import { dayNumber, type WorkingCalendar } from './working-calendar.rules.ts';

/** As far as plans look from their first day: days that somebody typed further away are taken as this far away. */
const FARTHEST = 36_000;

/** The day's number, not farther from `near` than plans look. */
export function nearDay(date: string, near: number): number {
  return Math.min(Math.max(dayNumber(date), near - FARTHEST), near + FARTHEST);
}

/**
 * What is left to do of an open task: what somebody said is left; else the estimate, less the hours that were logged on it once it
 * has begun; else the working days between its dates, from today on once it has begun; else, or when the estimate is used up, one
 * working day. Days stay whole, so that dates which follow from them give the same number of days again.
 *
 * @param firstDay of the plan
 */
export function workOf(task: PlanTask, calendar: WorkingCalendar, firstDay: number): Work {
  const { statusCategory, startDate, dueDate, estimatedHours, remainingHours, actualHours } = task;
  const hasBegun = statusCategory === 'doing';
  if (remainingHours !== null) return { unit: 'hours', amount: remainingHours, basis: 'remaining' };
  if (estimatedHours !== null) {
    const left = hasBegun ? round(estimatedHours - actualHours) : estimatedHours;
    if (left > 0 || !hasBegun) return { unit: 'hours', amount: left, basis: hasBegun ? 'remaining' : 'estimate' };
    return { unit: 'days', amount: 1, basis: 'assumed' };
  }
  if (startDate === null || dueDate === null) return { unit: 'days', amount: 1, basis: 'assumed' };
  const from = Math.max(nearDay(startDate, firstDay), hasBegun ? firstDay : -Infinity);
  const days = calendar.workdaysBefore(nearDay(dueDate, firstDay) + 1) - calendar.workdaysBefore(from);
  return { unit: 'days', amount: Math.max(1, days), basis: 'dates' };
}

export function spanOf({ unit, amount }: Work, calendar: WorkingCalendar): Span {
  if (unit === 'days') return daysOfWork(calendar, amount);
  return amount === 0 ? POINT : minutesOfWork(calendar, Math.max(1, Math.round(amount * 60)));
}

/** Hours with two decimals. */
export function round(hours: number): number {
  return Math.round(hours * 100) / 100;
}
