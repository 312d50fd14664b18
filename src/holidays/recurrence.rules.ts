import { RRuleTemporal } from 'rrule-temporal';

/** On which days something takes place (RFC 5545, 3.8.5); days are `YYYY-MM-DD`. */
export interface Recurrence {
  start: string;
  /** Recurrence rules as text, without the name of the property. */
  rules: readonly string[];
  /** Days beside those of the rules. */
  extra: readonly string[];
  excluded: ReadonlySet<string>;
}

/** Periods of a rule that are looked at for one year. */
const PERIODS: Record<string, number> = { YEARLY: 1, MONTHLY: 12, WEEKLY: 53, DAILY: 366 };
const LONGEST_RULE = 500;

/**
 * The days, in order and each once: those of the rules within the range, the extra ones wherever they are. Without a rule the
 * start is one of them; with a rule it is if the rule falls on it.
 *
 * @param spend is called with a rule's cost before it is followed, in days to look at, and may throw
 * @throws Error when a rule cannot be read, is no rule of days, or is too long
 */
export function occurrencesOf(
  { start, rules, extra, excluded }: Recurrence,
  { from, to }: { from: string; to: string },
  spend: (days: number) => void,
): string[] {
  const days = rules.length === 0 ? [start] : rules.flatMap((rule) => daysOf(rule, start, { from, to }, spend));
  return [...new Set([...days, ...extra])].filter((day) => !excluded.has(day)).sort();
}

function daysOf(
  rule: string,
  start: string,
  { from, to }: { from: string; to: string },
  spend: (days: number) => void,
): string[] {
  spend(costOf(rule, start, { from, to }));
  const dated = new RRuleTemporal({
    rruleString: `DTSTART:${start.replaceAll('-', '')}T000000Z\nRRULE:${rule}`,
    cache: false,
  });
  const found = dated.between(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`), true);
  return found.map((day) => day.toString().slice(0, 10));
}

/** An upper bound of the days that following a rule looks at; only a rule that counts is followed from its start. */
function costOf(rule: string, start: string, { from, to }: { from: string; to: string }): number {
  if (rule.length > LONGEST_RULE) throw new Error('the rule is too long');
  const parts = new Map(rule.split(';').map((part) => part.toUpperCase().split('=', 2) as [string, string]));
  const periods = PERIODS[parts.get('FREQ') ?? ''];
  // Times of day multiply each other, and mean nothing for days.
  const hasTimes = ['BYHOUR', 'BYMINUTE', 'BYSECOND'].some((part) => parts.has(part));
  if (periods === undefined || hasTimes) throw new Error('the rule is not one of days');
  const begin = parts.has('COUNT') || start > from ? start : from;
  const years = Math.max(0, yearOf(to) - yearOf(begin)) + 1;
  const interval = Math.max(1, Number(parts.get('INTERVAL') ?? 1) || 1);
  return Math.ceil(((years * periods) / interval) * daysInEach(parts, periods === 1));
}

/** Days of one period that a rule may name. */
function daysInEach(parts: ReadonlyMap<string, string>, isYearly: boolean): number {
  const entries = (part: string) => parts.get(part)?.split(',') ?? [];
  const months = isYearly ? entries('BYMONTH').length || 12 : 1;
  const weekdays = entries('BYDAY').reduce((days, entry) => days + (/^[+-]?\d/.test(entry) ? 1 : 5), 0);
  return Math.max(
    entries('BYMONTH').length,
    entries('BYMONTHDAY').length * months,
    weekdays * months,
    // Measured: each costs some three times as much as another day.
    entries('BYYEARDAY').length * 3,
    entries('BYWEEKNO').length * 7 * 3,
    1,
  );
}

function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}
