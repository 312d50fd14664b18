import { describe, expect, it } from '@jest/globals';
import { latestToFollow, pauseAfter, secondsUntilNext } from './sign-in-pauses.rules.ts';

const NOON = new Date('2026-03-01T12:00:00Z');
const secondsBefore = (seconds: number) => new Date(NOON.getTime() - seconds * 1_000);

describe('the pause', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 1],
    [6, 2],
    [14, 512],
    [15, 900],
    [99, 900],
    [100_000, 900],
  ])('after %d failures is %d s', (failures, seconds) => expect(pauseAfter(failures)).toBe(seconds));

  it('is over when the last failure was early enough, and no longer than that', () => {
    const latest = latestToFollow(NOON);
    expect(latest).toHaveLength(15);
    expect(latest.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'infinity'));
    expect([latest[4], latest[5], latest[14]]).toEqual(
      [1, 2, 900].map((seconds) => secondsBefore(seconds).toISOString()),
    );
  });

  it.each([
    ['rounded up', { failures: 6, lastAt: new Date(NOON.getTime() - 500) }, 2],
    ['one when it is over by now', { failures: 5, lastAt: secondsBefore(60) }, 1],
    ['one when the count is gone by now', null, 1],
    ['longer when another clock is ahead', { failures: 5, lastAt: new Date(NOON.getTime() + 3_000) }, 4],
  ])('is given in whole seconds: %s', (_, attempts, seconds) => expect(secondsUntilNext(attempts, NOON)).toBe(seconds));
});
