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
 */
export function occurrencesOf(rule: YearlyRule, start: string, { from, to }: { from: string; to: string }): string[] {
  const found: string[] = [];
  let counted = 0;
  for (let year = Number(start.slice(0, 4)); year <= Number(to.slice(0, 4)); year += rule.interval) {
    for (const day of daysOf(rule, start, year)) {
      if (day < start) continue;
      if ((rule.until !== null && day > rule.until) || counted === rule.count) return found;
      counted += 1;
      if (day >= from && day <= to) found.push(day);
    }
  }
  return found;
}

function daysOf({ months, monthDays, weekdays }: YearlyRule, start: string, year: number): string[] {
  const inMonths = monthsOf(months, monthDays, start);
  return inMonths.flatMap((month) => {
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const all = Array.from({ length }, (_, i) => i + 1);
    const ofMonth = monthDays.map((day) => (day < 0 ? length + 1 + day : day));
    const startDay = Number(start.slice(8));
    return all
      .filter((day) => {
        if (weekdays.length > 0 && !weekdays.some((each) => isNth(each, year, month, day, length))) return false;
        return ofMonth.length > 0 ? ofMonth.includes(day) : weekdays.length > 0 || day === startDay;
      })
      .map((day) => `${year}-${two(month)}-${two(day)}`);
  });
}

function monthsOf(months: readonly number[], monthDays: readonly number[], start: string): number[] {
  if (months.length > 0) return [...months].sort((a, b) => a - b);
  return monthDays.length > 0 ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [Number(start.slice(5, 7))];
}

function isNth({ weekday, nth }: NthWeekday, year: number, month: number, day: number, length: number): boolean {
  if ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7 !== weekday) return false;
  if (nth === 0) return true;
  return nth > 0 ? Math.ceil(day / 7) === nth : Math.ceil((length + 1 - day) / 7) === -nth;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
