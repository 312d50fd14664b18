import { DAY, type Moment, type WorkingCalendar } from './working-calendar.rules.ts';

/** Working time of the project's calendar between two events; negative: they overlap by it. */
export interface Lag {
  unit: 'minutes' | 'days';
  amount: number;
}

/** Of a task: between two days of work the end of the one and the beginning of the other are one moment to whoever works on both. */
export type Event = 'start' | 'finish';

/** From which event of the predecessor a lag runs to which one of the successor. */
export type Events = readonly [of: Event, on: Event];

/** The moment that lies behind another one by the lag. It never falls when the other one rises. */
export function behind(moment: Moment, lag: Lag, [of, on]: Events, calendar: WorkingCalendar): Moment {
  const shifted = forward(moment, lag, of, calendar);
  // Something that begins in the morning lets end in the evening before, when the lag ends where it began.
  return of === 'start' && on === 'finish' ? calendar.endOf(calendar.workedBy(shifted)) : shifted;
}

/** The last moment whose moment behind it by the lag is not after the given one: the other way round, as far as there is one. */
export function before(moment: Moment, lag: Lag, [of, on]: Events, calendar: WorkingCalendar): Moment {
  const shifted = of === 'start' && on === 'finish' ? calendar.beginningOf(calendar.workedBy(moment)) : moment;
  return backward(shifted, lag, of, calendar);
}

function forward(moment: Moment, { unit, amount }: Lag, of: Event, calendar: WorkingCalendar): Moment {
  if (amount === 0) return moment;
  if (unit === 'minutes') return calendar.endOf(calendar.workedBy(moment) + amount);
  // Whole days later at the same minute, or at the end of that day where it is shorter.
  const { place, minute } = of === 'start' ? asBeginning(moment, calendar) : asEnd(moment, calendar);
  const day = calendar.workday(place + amount);
  return day * DAY + Math.min(minute, calendar.lengthOf(day));
}

function backward(moment: Moment, { unit, amount }: Lag, of: Event, calendar: WorkingCalendar): Moment {
  if (amount === 0) return moment;
  if (unit === 'minutes') return calendar.beginningOf(calendar.workedBy(moment) - amount);
  const { place, minute } = lastBegun(moment, calendar);
  const isWhole = minute >= calendar.lengthOf(calendar.workday(place));
  const day = calendar.workday(place - amount);
  const length = calendar.lengthOf(day);
  if (of === 'start') return day * DAY + (isWhole ? length - 1 : Math.min(minute, length - 1));
  const next = () => calendar.workday(place - amount + 1) * DAY;
  return isWhole || minute >= length ? next() : day * DAY + minute;
}

/** A place among the working days, and a minute of work of that day. */
interface Position {
  place: number;
  minute: number;
}

/** With the minute before the end of the day: where work begins. */
function asBeginning(moment: Moment, calendar: WorkingCalendar): Position {
  return positionOf(calendar.beginningOf(calendar.workedBy(moment)), calendar);
}

/** With the minute after the beginning of the day: where work ends. */
function asEnd(moment: Moment, calendar: WorkingCalendar): Position {
  return positionOf(calendar.endOf(calendar.workedBy(moment)), calendar);
}

/** The last working day that begins by the moment, and how far it is in it. */
function lastBegun(moment: Moment, calendar: WorkingCalendar): Position {
  const place = calendar.workdaysBefore(Math.floor(moment / DAY) + 1) - 1;
  return { place, minute: moment - calendar.workday(place) * DAY };
}

function positionOf(moment: Moment, calendar: WorkingCalendar): Position {
  const day = Math.floor(moment / DAY);
  return { place: calendar.workdaysBefore(day), minute: moment - day * DAY };
}
