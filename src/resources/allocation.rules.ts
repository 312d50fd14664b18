import { mondayOf } from '../platform/dates/days.ts';
import type { Assignment, CapacityDay, PlannedWeek } from './resources.types.ts';

const DAYS_OF_A_WEEK = 7;
/** Less than what two decimals of an hour can show is no over-allocation, but the dust of adding up. */
const DUST_MINUTES = 0.3;

/**
 * Minutes that an assignment takes of a week.
 *
 * A share follows what the person works: `percent` of each day's minutes. Hours a week are a promise: they are spread
 * evenly over the days that the person's week plans to work (over all seven, where it plans none), whether or not a
 * holiday or time off takes such a day away. Of a week that the assignment covers in part, it takes its days' part.
 *
 * @param days Monday to Sunday
 */
export function minutesTaken({ from, to, hoursPerWeek, percent }: Assignment, days: readonly CapacityDay[]): number {
  const isCovered = ({ date }: CapacityDay) => from <= date && date <= to;
  if (percent !== null) return (days.filter(isCovered).reduce((sum, day) => sum + day.minutes, 0) * percent) / 100;
  const planned = days.filter((day) => day.planned > 0);
  const spread = planned.length > 0 ? planned : days;
  return ((hoursPerWeek ?? 0) * 60 * spread.filter(isCovered).length) / spread.length;
}

/** @param days of whole weeks, the first one a Monday @param assignments of the same person */
export function planWeeks(days: readonly CapacityDay[], assignments: readonly Assignment[]): PlannedWeek[] {
  return Array.from({ length: days.length / DAYS_OF_A_WEEK }, (_, i) => {
    const week = days.slice(i * DAYS_OF_A_WEEK, (i + 1) * DAYS_OF_A_WEEK);
    const [first, last] = [week[0]!.date, week.at(-1)!.date];
    const shares = assignments
      .filter(({ from, to }) => from <= last && first <= to)
      .map((assignment) => ({ assignment, minutes: minutesTaken(assignment, week) }))
      .filter(({ minutes }) => minutes > 0);
    return {
      week: mondayOf(week[0]!.date),
      capacity: week.reduce((sum, { minutes }) => sum + minutes, 0),
      allocated: shares.reduce((sum, { minutes }) => sum + minutes, 0),
      shares,
    };
  });
}

/** Minutes by which a week has been promised more than it has; 0 when it has not. */
export function overBy({ capacity, allocated }: PlannedWeek): number {
  return allocated - capacity > DUST_MINUTES ? allocated - capacity : 0;
}

/** Minutes of a week that nobody has been promised. */
export function freeIn({ capacity, allocated }: PlannedWeek): number {
  return Math.max(0, capacity - allocated);
}

/** A share of the capacity, with four decimals; null where there is none. */
export function ratio(minutes: number, capacity: number): number | null {
  return capacity === 0 ? null : Math.round((minutes / capacity) * 10_000) / 10_000;
}

/** With two decimals. */
export function toHours(minutes: number): number {
  return Math.round((minutes * 100) / 60) / 100;
}
