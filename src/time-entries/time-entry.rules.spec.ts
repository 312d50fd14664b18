import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  LONGEST_MS,
  endOfTimer,
  roundedMinutes,
  saysSpan,
  spanOf,
  startOfTimer,
  type Span,
} from './time-entry.rules.ts';
import { ROUNDINGS, ROUNDING_MODES } from './time-entry.types.ts';

describe('rounding', () => {
  it.each([
    [0, 'up', 7, 7],
    [1, 'down', 7, 7],
    [15, 'up', 0, 0],
    [15, 'up', 1, 15],
    [15, 'up', 15, 15],
    [15, 'up', 16, 30],
    [15, 'down', 29, 15],
    [15, 'down', 14, 0],
    [15, 'nearest', 7, 0],
    [15, 'nearest', 8, 15],
    [6, 'nearest', 3, 6],
    [60, 'nearest', 29, 0],
    [60, 'nearest', 30, 60],
    [10, 'nearest', 1_436, 1_440],
  ] as const)('to %i minutes %s makes %i to %i', (roundTo, mode, minutes, expected) => {
    expect(roundedMinutes(minutes, { roundTo, mode })).toBe(expected);
  });

  it('gives a multiple that is less than a step away, on the side that it says', () => {
    const rules = fc.record({ roundTo: fc.constantFrom(...ROUNDINGS), mode: fc.constantFrom(...ROUNDING_MODES) });
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 1_440 }), ({ roundTo, mode }, minutes) => {
        const rounded = roundedMinutes(minutes, { roundTo, mode });
        const step = roundTo || 1;
        expect(rounded % step).toBe(0);
        expect(Math.abs(rounded - minutes)).toBeLessThan(step);
        if (mode === 'up') expect(rounded).toBeGreaterThanOrEqual(minutes);
        if (mode === 'down') expect(rounded).toBeLessThanOrEqual(minutes);
        if (mode === 'nearest') expect(Math.abs(rounded - minutes) * 2).toBeLessThanOrEqual(step);
      }),
    );
  });
});

describe('when somebody worked', () => {
  const at = { now: new Date('2026-06-03T10:00:00Z'), timeZone: 'Europe/Berlin' };
  const morning: Span = {
    day: '2026-06-02',
    startedAt: new Date('2026-06-02T07:00:00Z'),
    endedAt: new Date('2026-06-02T09:30:00Z'),
    byDay: false,
    minutes: 150,
  };
  const codeOf = (said: object, before: Span | null = null) => {
    try {
      spanOf(said, before, at);
      return null;
    } catch (error) {
      const [detail] = (error as { details: { pointer: string; code: string }[] }).details;
      return `${detail!.pointer} ${detail!.code}`;
    }
  };

  it('is a day and how long, standing at the beginning of that day', () => {
    expect(spanOf({ date: '2026-06-03', hours: 1.25 }, null, at)).toEqual({
      day: '2026-06-03',
      startedAt: new Date('2026-06-02T22:00:00Z'),
      endedAt: new Date('2026-06-02T23:15:00Z'),
      byDay: true,
      minutes: 75,
    });
  });

  it('is from when to when, and counts for the day on which it began where the person is', () => {
    const night = { startedAt: '2026-06-01T22:30:00Z', endedAt: '2026-06-02T05:00:00Z' };
    expect(spanOf(night, null, at)).toMatchObject({ day: '2026-06-02', byDay: false, minutes: 390 });
  });

  it('is corrected in part, or told in the other way', () => {
    expect(spanOf({ endedAt: '2026-06-02T08:00:00Z' }, morning, at)).toMatchObject({ minutes: 60, byDay: false });
    const byDay = spanOf({ minutes: 20 }, morning, at);
    expect(byDay).toMatchObject({ day: '2026-06-02', minutes: 20, byDay: true });
    expect(spanOf({ date: '2026-06-01' }, byDay, at)).toMatchObject({ day: '2026-06-01', minutes: 20, byDay: true });
    expect(codeOf({ endedAt: '2026-06-02T08:00:00Z' }, byDay)).toBe('/date required');
  });

  it('is never the future, reversed, longer than a day, or nothing', () => {
    const start = '2026-06-02T10:00:00Z';
    expect(codeOf({ date: '2026-06-04', minutes: 1 })).toBe('/date in_future');
    expect(codeOf({ startedAt: start, endedAt: '2026-06-03T10:00:01Z' })).toBe('/endedAt in_future');
    expect(codeOf({ startedAt: '2026-06-03T10:01:00Z', endedAt: '2026-06-03T10:02:00Z' })).toBe('/startedAt in_future');
    expect(codeOf({ startedAt: start, endedAt: start })).toBe('/endedAt before_start');
    expect(codeOf({ startedAt: '2026-06-02T09:59:59Z', endedAt: '2026-06-03T10:00:00Z' })).toBe('/endedAt too_long');
    expect(codeOf({ startedAt: start, endedAt: '2026-06-03T10:00:00Z' })).toBeNull();
    expect(codeOf({ date: '2026-06-03', hours: 0 })).toBe('/date required');
    expect(codeOf({ date: '2026-06-03' })).toBe('/date required');
    expect(codeOf({ startedAt: start, date: '2026-06-03' })).toBe('/date exclusive');
    expect(codeOf({ date: '2026-06-03', hours: 1, minutes: 60 })).toBe('/date exclusive');
    expect(saysSpan({})).toBe(false);
  });

  it('of a forgotten timer ends a day after its start', () => {
    const startedAt = new Date('2026-06-01T08:00:00Z');
    expect(endOfTimer(startedAt, at.now).getTime() - startedAt.getTime()).toBe(LONGEST_MS);
    expect(endOfTimer(startedAt, new Date('2026-06-01T09:00:00Z')).toISOString()).toBe('2026-06-01T09:00:00.000Z');
    expect(() => startOfTimer('2026-06-02T09:59:00Z', at)).toThrow('24 hours');
    expect(startOfTimer('2026-06-02T22:30:00Z', at).day).toBe('2026-06-03');
  });
});
