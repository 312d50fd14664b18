import { describe, expect, it } from '@jest/globals';
import { occurrencesOf, type YearlyRule } from './yearly.rules.ts';

const EVERY_YEAR: YearlyRule = { interval: 1, count: null, until: null, months: [], monthDays: [], weekdays: [] };
const RANGE = { from: '2025-01-01', to: '2028-12-31' };
const days = (rule: Partial<YearlyRule>, start: string, spend: (steps: number) => void = () => undefined) =>
  occurrencesOf({ ...EVERY_YEAR, ...rule }, start, RANGE, spend);

describe('a yearly rule', () => {
  it('falls on the day of its start, from its start on', () => {
    expect(days({}, '2010-12-25')).toEqual(['2025-12-25', '2026-12-25', '2027-12-25', '2028-12-25']);
    expect(days({}, '2027-05-01')).toEqual(['2027-05-01', '2028-05-01']);
  });

  it('falls on 29 February in leap years alone', () => {
    expect(days({}, '2020-02-29')).toEqual(['2028-02-29']);
  });

  it('finds the nth weekday of a month, from either end', () => {
    // Thanksgiving, and Memorial Day.
    expect(days({ months: [11], weekdays: [{ weekday: 3, nth: 4 }] }, '2000-11-23')).toEqual([
      '2025-11-27',
      '2026-11-26',
      '2027-11-25',
      '2028-11-23',
    ]);
    expect(days({ months: [5], weekdays: [{ weekday: 0, nth: -1 }] }, '2000-05-29')).toEqual([
      '2025-05-26',
      '2026-05-25',
      '2027-05-31',
      '2028-05-29',
    ]);
  });

  it('finds a weekday among days of the month', () => {
    // The Tuesday after the first Monday of November.
    const rule = { months: [11], weekdays: [{ weekday: 1, nth: 0 }], monthDays: [2, 3, 4, 5, 6, 7, 8], interval: 4 };
    expect(days(rule, '1996-11-05')).toEqual(['2028-11-07']);
  });

  it('counts days from the end of the month', () => {
    expect(days({ months: [2], monthDays: [-1] }, '2024-02-29')).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
  });

  it('ends by count and by day, and never falls on a day that does not exist', () => {
    expect(days({ count: 3 }, '2024-01-01')).toEqual(['2025-01-01', '2026-01-01']);
    expect(days({ until: '2026-01-01' }, '2024-01-01')).toEqual(['2025-01-01', '2026-01-01']);
    expect(days({ months: [2], monthDays: [30] }, '2024-02-01')).toEqual([]);
  });

  it('is followed from its beginning only when it counts', () => {
    const stepsOf = (rule: Partial<YearlyRule>) => {
      let steps = 0;
      expect(days(rule, '1925-01-01', (more) => (steps += more))).toHaveLength(4);
      return steps;
    };
    expect(stepsOf({})).toBe(4);
    expect(stepsOf({ count: 1_000 })).toBe(104);
    expect(days({ interval: 3 }, '1925-01-01')).toEqual(['2027-01-01']);
  });
});
