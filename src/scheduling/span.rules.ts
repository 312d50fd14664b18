import { DAY, type Moment, type WorkingCalendar } from './working-calendar.rules.ts';

export interface Placement {
  start: Moment;
  finish: Moment;
}

/**
 * How long something takes, and in whose working time: where it lies when it must not start and finish before certain moments,
 * or after them. Nothing is interrupted but by time without work. A bound may be infinite, one of each pair is not.
 */
export interface Span {
  earliest(startFrom: Moment, finishFrom: Moment): Placement;
  latest(startBy: Moment, finishBy: Moment): Placement;
}

/** Whole minutes of work, at least one. */
export function minutesOfWork(calendar: WorkingCalendar, minutes: number): Span {
  const place = (before: number): Placement => ({
    start: calendar.beginningOf(before),
    finish: calendar.endOf(before + minutes),
  });
  return {
    earliest: (startFrom, finishFrom) =>
      place(
        Math.max(
          bounded(startFrom, () => calendar.workedBy(startFrom)),
          // When nobody works at the bound, the first minute behind it has to be worked as well.
          bounded(finishFrom, () => calendar.workedBy(finishFrom - 1) + 1 - minutes),
        ),
      ),
    latest: (startBy, finishBy) =>
      place(
        Math.min(
          bounded(startBy, () => calendar.workedBy(startBy + 1) - 1),
          bounded(finishBy, () => calendar.workedBy(finishBy) - minutes),
        ),
      ),
  };
}

/** Whole working days, at least one: from the beginning of the first to the end of the last. */
export function daysOfWork(calendar: WorkingCalendar, days: number): Span {
  const place = (first: number): Placement => {
    const last = calendar.workday(first + days - 1);
    return { start: calendar.workday(first) * DAY, finish: last * DAY + calendar.lengthOf(last) };
  };
  /** Whether the work of the moment's day ends by it, or there is none. */
  const isOver = (moment: Moment, day: number) => day * DAY + calendar.lengthOf(day) <= moment;
  const firstEndingFrom = (moment: Moment) => {
    const day = Math.floor((moment - 1) / DAY);
    return calendar.workdaysBefore(isOver(moment - 1, day) ? day + 1 : day);
  };
  const lastEndingBy = (moment: Moment) => {
    const day = Math.floor(moment / DAY);
    return calendar.workdaysBefore(isOver(moment, day) ? day + 1 : day) - 1;
  };
  return {
    earliest: (startFrom, finishFrom) =>
      place(
        Math.max(
          bounded(startFrom, () => calendar.workdaysBefore(Math.ceil(startFrom / DAY))),
          bounded(finishFrom, () => firstEndingFrom(finishFrom) - days + 1),
        ),
      ),
    latest: (startBy, finishBy) =>
      place(
        Math.min(
          bounded(startBy, () => calendar.workdaysBefore(Math.floor(startBy / DAY) + 1) - 1),
          bounded(finishBy, () => lastEndingBy(finishBy) - days + 1),
        ),
      ),
  };
}

/** Something that takes no time, such as a decision. It may lie where nobody works. */
export const POINT: Span = {
  earliest: (startFrom, finishFrom) => at(Math.max(startFrom, finishFrom)),
  latest: (startBy, finishBy) => at(Math.min(startBy, finishBy)),
};

function at(moment: Moment): Placement {
  return { start: moment, finish: moment };
}

function bounded(bound: Moment, place: () => number): number {
  return Number.isFinite(bound) ? place() : bound;
}
