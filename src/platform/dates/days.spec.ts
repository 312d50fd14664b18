import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, dayIn, daysBetween, mondayOf, startOfDay, weekdayOf, weeksBetween } from './days.ts';

const days = fc.integer({ min: 0, max: 20_000 }).map((count) => addDays('1990-01-01', count));
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Lima', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Cairo');

describe('a week', () => {
  it('begins on Monday, also over the turn of a year', () => {
    expect(mondayOf('2026-06-01')).toBe('2026-06-01');
    expect(mondayOf('2026-06-07')).toBe('2026-06-01');
    expect(mondayOf('2027-01-01')).toBe('2026-12-28');
    expect(weeksBetween('2026-06-07', '2026-06-15')).toEqual(['2026-06-01', '2026-06-08', '2026-06-15']);
  });

  it('is the same for its seven days', () => {
    fc.assert(
      fc.property(days, (day) => {
        const monday = mondayOf(day);
        expect(weekdayOf(monday)).toBe(0);
        expect(daysBetween(monday, addDays(monday, 6))).toContain(day);
      }),
    );
  });
});

describe('a day in a time zone', () => {
  it('is another one east and west of here', () => {
    const moment = new Date('2026-06-07T22:30:00Z');
    expect(['UTC', 'Europe/Berlin', 'America/Lima'].map((zone) => dayIn(zone, moment))).toEqual([
      '2026-06-07',
      '2026-06-08',
      '2026-06-07',
    ]);
  });

  it('begins when the clocks say so, in summer, in winter, and where they skip midnight', () => {
    expect(startOfDay('Europe/Berlin', '2026-07-01').toISOString()).toBe('2026-06-30T22:00:00.000Z');
    expect(startOfDay('Europe/Berlin', '2026-12-01').toISOString()).toBe('2026-11-30T23:00:00.000Z');
    expect(startOfDay('America/Sao_Paulo', '2018-11-04').toISOString()).toBe('2018-11-04T03:00:00.000Z');
  });

  it('has begun at its first moment, and not one before', () => {
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        // Samoa went without this day.
        fc.pre(!(zone === 'Pacific/Apia' && day === '2011-12-30'));
        const start = startOfDay(zone, day);
        expect(dayIn(zone, start)).toBe(day);
        expect(dayIn(zone, new Date(start.getTime() - 1)) < day).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
