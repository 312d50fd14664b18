import { PlanTooLong, PlanTooWide } from './scheduling.errors.ts';

/**
 * A moment of a plan, in minutes: `day * DAY + minutes since the work of that day began`. Calendars know how long people
 * work on a day and not from when, so everybody begins a day together, and whoever works shorter ends earlier.
 */
export type Moment = number;

export const DAY = 1_440;
const DAY_MS = 86_400_000;
const MOST_DAYS = 36_525;
/** 9999-12-31. */
const LAST_DAY = 2_932_896;

/** @param date `YYYY-MM-DD` @returns days since 1970-01-01 */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** @throws PlanTooLong for what cannot be written with four digits any more */
export function dateOf(day: number): string {
  if (day > LAST_DAY) throw new PlanTooLong();
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Days that several calendars may have together: each for itself may reach far, and not all of them. */
export class DayBudget {
  readonly #most: number;
  #spent = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws PlanTooWide */
  spend(): void {
    this.#spent += 1;
    if (this.#spent > this.#most) throw new PlanTooWide(this.#most);
  }
}

/** Sums from the origin on, of the days before it and behind it; they grow when a day is asked for that is not there yet. */
interface Sums {
  minutes: number[];
  workdays: number[];
}

/**
 * Working time on the axis of moments. Work is counted from the origin on, and negative before it: the w-th minute of work is the one
 * between `endOf(w - 1)` and `endOf(w)`, whatever lies between. Two moments without work between them have the same count.
 */
export class WorkingCalendar {
  readonly #minutesOn: (day: number) => number;
  readonly #origin: number;
  readonly #budget: DayBudget;
  readonly #ahead: Sums = { minutes: [0], workdays: [0] };
  readonly #back: Sums = { minutes: [0], workdays: [0] };

  /**
   * @param minutesOn how long is worked on a day; asked once for each
   * @param origin a day near those that will be asked about
   * @param budget that it shares with other calendars
   */
  constructor(minutesOn: (day: number) => number, origin: number, budget: DayBudget = new DayBudget(Infinity)) {
    this.#minutesOn = minutesOn;
    this.#origin = origin;
    this.#budget = budget;
  }

  /** Minutes of work before the moment. @throws PlanTooLong, PlanTooWide, as all do */
  workedBy(moment: Moment): number {
    const day = Math.floor(moment / DAY);
    return this.#minutesBefore(day) + Math.min(moment - day * DAY, this.lengthOf(day));
  }

  /** The first moment by which so much is worked: where a piece of work ends. */
  endOf(worked: number): Moment {
    const day = this.#dayOf(worked - 1, 'minutes');
    return day * DAY + worked - this.#minutesBefore(day);
  }

  /** The last moment at which no more is worked: where the next piece of work begins. */
  beginningOf(worked: number): Moment {
    const day = this.#dayOf(worked, 'minutes');
    return day * DAY + worked - this.#minutesBefore(day);
  }

  /** Minutes of work of a day. */
  lengthOf(day: number): number {
    return this.#minutesBefore(day + 1) - this.#minutesBefore(day);
  }

  /** How many working days lie before a day, which is the place of the first one from there on. */
  workdaysBefore(day: number): number {
    return this.#sumBefore(day, 'workdays');
  }

  /** The working day with so many before it. */
  workday(place: number): number {
    return this.#dayOf(place, 'workdays');
  }

  #minutesBefore(day: number): number {
    return this.#sumBefore(day, 'minutes');
  }

  #sumBefore(day: number, of: keyof Sums): number {
    const ahead = day - this.#origin;
    while (this.#ahead.minutes.length <= ahead) this.#growAhead();
    while (this.#back.minutes.length <= -ahead) this.#growBack();
    return ahead >= 0 ? this.#ahead[of][ahead]! : -this.#back[of][-ahead]!;
  }

  /** The day on which the unit with this count lies. */
  #dayOf(count: number, of: keyof Sums): number {
    if (count >= 0) {
      while (this.#ahead[of].at(-1)! <= count) this.#growAhead();
      return this.#origin + firstWhere(this.#ahead[of], (sum) => sum > count) - 1;
    }
    while (-this.#back[of].at(-1)! > count) this.#growBack();
    return this.#origin - firstWhere(this.#back[of], (sum) => -sum <= count);
  }

  #growAhead(): void {
    this.#budget.spend();
    grow(this.#ahead, (count) => this.#minutesOn(this.#origin + count));
  }

  #growBack(): void {
    this.#budget.spend();
    grow(this.#back, (count) => this.#minutesOn(this.#origin - 1 - count));
  }
}

function grow({ minutes, workdays }: Sums, minutesOf: (count: number) => number): void {
  const count = minutes.length - 1;
  if (count >= MOST_DAYS) throw new PlanTooLong();
  const length = Math.min(DAY, Math.max(0, minutesOf(count)));
  minutes.push(minutes[count]! + length);
  workdays.push(workdays[count]! + (length > 0 ? 1 : 0));
}

/** Its place in an array for whose end it holds. */
function firstWhere(sums: readonly number[], holds: (sum: number) => boolean): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sums[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
