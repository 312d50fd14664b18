import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInput } from '../errors/app-error.ts';
import { MOST_ENTRIES, MOST_KEYS, MOST_LEVELS, MOST_VALUES, refuseUnbounded } from './json-bounds.ts';

function problemOf(json: string): string | null {
  try {
    refuseUnbounded(Buffer.from(json));
    return null;
  } catch (error) {
    if (error instanceof InvalidInput) return `${error.details[0]!.code}: ${error.message}`;
    throw error;
  }
}

const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join()}}`;
const entries = (count: number, entry = '1') => `[${Array(count).fill(entry).join()}]`;
const repeated = (count: number) => `{${Array(count).fill('"a":1').join()}}`;
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const rows = (count: number) => `[${Array(count).fill(entries(MOST_ENTRIES)).join()}]`;

describe('the bounds of a body', () => {
  it.each([
    ['members of an object', members(MOST_KEYS), members(MOST_KEYS + 1), /members/],
    ['repeated members', repeated(MOST_KEYS), repeated(MOST_KEYS + 1), /members/],
    ['entries of a list', entries(MOST_ENTRIES), entries(MOST_ENTRIES + 1), /entries/],
    ['objects in a list', entries(MOST_ENTRIES, '{}'), entries(MOST_ENTRIES + 1, '{}'), /entries/],
    ['levels', nested(MOST_LEVELS), nested(MOST_LEVELS + 1), /^depth/],
    ['values of all lists together', rows(MOST_VALUES / MOST_ENTRIES - 1), rows(MOST_VALUES / MOST_ENTRIES), /values/],
  ])('are those of %s', (_, most, more, problem) => {
    expect([problemOf(most), problemOf(more)]).toEqual([null, expect.stringMatching(problem)]);
  });

  it('are no matter of what stands in texts', () => {
    const signs = '[{",\\'.repeat(20_000);
    expect(problemOf(JSON.stringify({ signs, [signs.slice(0, 200)]: `${signs}\\` }))).toBeNull();
  });

  it('are counted alike, however texts are cut and escaped', () => {
    const text = fc.array(fc.constantFrom('"', '\\', ',', '[', '{', 'a', 'é', 'x'.repeat(70)), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        const json = JSON.stringify(texts.map((each) => each.join('')));
        // What comes behind the texts is counted: nothing of it was taken for a part of one.
        expect(problemOf(`[${json},${members(MOST_KEYS + 1)}]`)).toMatch(/members/);
        expect(problemOf(`[${json},${members(MOST_KEYS)}]`)).toBeNull();
      }),
    );
  });

  it('do not mind what is no JSON', () => {
    for (const text of ['', ']]]]', '"', '"\\', '{"a', '}{,', '"\\\\\\"']) expect(problemOf(text)).toBeNull();
  });
});
