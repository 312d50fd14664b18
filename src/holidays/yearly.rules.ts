/** What of a yearly recurrence (RFC 5545, FREQ=YEARLY) holidays use. */
export interface YearlyRule {
  /** Every so many years. */
  interval: number;
  /** How often in all, the first time included; null for ever. */
  count: number | null;
  /** The last day that it may fall on, `YYYY-MM-DD`; null for ever. */
  until: string | null;
  /** 1 to 12; without any, the month of the first day. */
  months: readonly number[];
  /** 1 to 31, or counted from the end of the month: -1 is its last day. */
  monthDays: readonly number[];
  weekdays: readonly NthWeekday[];
}

export interface NthWeekday {
  /** 0 is Monday. */
  weekday: number;
  /** Which of the month, from its end when negative; 0 is each of them. */
  nth: number;
}

/**
 * The days on which it falls, from the first one on and within a range.
 *
 * @param start the first day, `YYYY-MM-DD`; it counts only if the rule falls on it
 * @param spend is told of every day before it is looked at, with what that costs, and may throw to end it
 */
export function occurrencesOf(
  rule: YearlyRule,
  start: string,
  { from, to }: { from: string; to: string },
  spend: (steps: number) => void,
): string[] {
  const found: string[] = [];
  const [startYear, fromYear, toYear] = [yearOf(start), yearOf(from), yearOf(to)];
  // Only a rule that counts has to be followed from its beginning.
  const left = rule.count === null && fromYear > startYear ? Math.ceil((fromYear - startYear) / rule.interval) : 0;
  let counted = 0;
  for (let year = startYear + left * rule.interval; year <= toYear; year += rule.interval) {
    for (const day of daysOf(rule, start, year, spend)) {
      if (day < start) continue;
      if ((rule.until !== null && day > rule.until) || counted === rule.count) return found;
      counted += 1;
      if (day >= from && day <= to) found.push(day);
    }
  }
  return found;
}

function daysOf(rule: YearlyRule, start: string, year: number, spend: (steps: number) => void): string[] {
  const { months, monthDays, weekdays } = rule;
  const found: string[] = [];
  for (const month of monthsOf(months, monthDays, start)) {
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    for (const day of candidatesOf(rule, start, length)) {
      spend(Math.max(1, weekdays.length));
      if (weekdays.length > 0 && !weekdays.some((each) => isNth(each, year, month, day, length))) continue;
      found.push(`${year}-${two(month)}-${two(day)}`);
    }
  }
  return found;
}

/** Days of a month that it may fall on, if the weekday is right. */
function candidatesOf({ monthDays, weekdays }: YearlyRule, start: string, length: number): number[] {
  const all = Array.from({ length }, (_, i) => i + 1);
  if (monthDays.length > 0) {
    const wanted = new Set(monthDays.map((day) => (day < 0 ? length + 1 + day : day)));
    return all.filter((day) => wanted.has(day));
  }
  const startDay = Number(start.slice(8));
  return weekdays.length > 0 ? all : all.filter((day) => day === startDay);
}

function monthsOf(months: readonly number[], monthDays: readonly number[], start: string): number[] {
  if (months.length > 0) return [...new Set(months)].sort((a, b) => a - b);
  return monthDays.length > 0 ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [Number(start.slice(5, 7))];
}

function isNth({ weekday, nth }: NthWeekday, year: number, month: number, day: number, length: number): boolean {
  if ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7 !== weekday) return false;
  if (nth === 0) return true;
  return nth > 0 ? Math.ceil(day / 7) === nth : Math.ceil((length + 1 - day) / 7) === -nth;
}

function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
