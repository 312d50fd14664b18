import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v7 as newId } from 'uuid';
import { positionBetween, positionOfNew, positionsBetween } from './task-position.rules.ts';

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('the place of a new task', () => {
  it('is behind those of tasks that were created before, and its own', () => {
    const places = Array.from({ length: 500 }, () => positionOfNew(newId()));
    expect([...places].sort(byBytes)).toEqual(places);
    expect(new Set(places).size).toBe(500);
  });

  it('is behind those that a migration numbered', () => {
    expect(byBytes(`v${'100000'.padStart(22, '0')}`, positionOfNew(newId()))).toBe(-1);
  });
});

describe('a place between two others', () => {
  it('lies between them, wherever tasks are moved to', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 200 }), (moves) => {
        const places = [positionOfNew(newId()), positionOfNew(newId()), ...positionsBetween(null, null, 2)].sort(
          byBytes,
        );
        for (const move of moves) {
          const at = move % (places.length + 1);
          places.splice(at, 0, positionBetween(places[at - 1] ?? null, places[at] ?? null));
        }
        expect([...places].sort(byBytes)).toEqual(places);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
