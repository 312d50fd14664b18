import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeAbsences, minutesOfWork } from './work-pattern.ts';

const absence = fc
  .record({
    first: fc.integer({ min: -5, max: 25 }),
    days: fc.nat(12),
    minutes: fc.option(fc.integer({ min: 1, max: 600 })),
  })
  .map(({ first, days, minutes }) => ({ first, last: first + days, minutes }));

describe('a pattern of work', () => {
  it('takes off a day what all absences of the day take together, as if each was looked at', () => {
    fc.assert(
      fc.property(fc.array(absence, { maxLength: 12 }), (entered) => {
        const absences = mergeAbsences(entered);
        const pattern = {
          weeks: [{ from: -Infinity, minutes: Array<number>(7).fill(480) }],
          holidays: new Set<number>(),
          absences,
        };
        for (let day = -7; day < 40; day += 1) {
          const of = entered.filter(({ first, last }) => first <= day && day <= last);
          const off = of.reduce((sum, { minutes }) => sum + (minutes ?? 480), 0);
          expect(minutesOfWork(pattern, day)).toBe(Math.max(0, 480 - off));
        }
        for (const [i, { first, last }] of absences.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          if (i > 0) expect(first).toBeGreaterThan(absences[i - 1]!.last);
        }
      }),
    );
  });
});
