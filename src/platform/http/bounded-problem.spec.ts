import { describe, expect, it } from '@jest/globals';
import { boundedProblem, type Problem } from './bounded-problem.ts';

function problem(count: number, text: string): Problem {
  const details = Array.from({ length: count }, (_, i) => ({ pointer: `/${i}/${text}`, code: 'x', message: text }));
  const error = { code: 'validation_failed', message: text, details };
  return { type: 't', title: 'Bad Request', status: 400, detail: text, instance: `/${text}`, requestId: 'r', error };
}

const sizeOf = (each: Problem) => Buffer.byteLength(JSON.stringify(each));

describe('the problem that is told', () => {
  it('is left as it is when it is small', () => {
    expect(boundedProblem(problem(20, 'short'), 20)).toEqual(problem(20, 'short'));
  });

  it('has as many details as it may have, and says that there are more', () => {
    const { detail, error } = boundedProblem(problem(21, 'short'), 20);
    expect(error.details).toEqual(problem(20, 'short').error.details);
    expect([detail, error.message]).toEqual(Array(2).fill('short (20 problems are listed, and there are more.)'));
  });

  it.each(['a', 'ä', '\u0001', '"', '漢', '😀'])('is no larger than 16 KiB, with texts of %j', (sign) => {
    for (const count of [0, 1, 20, 5_000]) {
      const bounded = boundedProblem(problem(count, sign.repeat(100_000)), 100);
      expect(sizeOf(bounded)).toBeLessThanOrEqual(16_384);
      expect(bounded.detail.isWellFormed()).toBe(true);
      if (count > 0) expect(bounded.error.details.length).toBeGreaterThan(0);
    }
  });
});
