import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Enough for 128 bits in base 62. */
const LENGTH = 22;
/** The head that fractional indexing gives to integers of this length. */
const HEAD = 'v';

/**
 * Where a new task stands: behind those that were there before. Its id begins with the time and is its own, so that two
 * tasks that are created at once need not ask each other, and no row is read.
 *
 * @param id a UUIDv7
 */
export function positionOfNew(id: string): string {
  let rest = BigInt(`0x${id.replaceAll('-', '')}`);
  let digits = '';
  for (let i = 0; i < LENGTH; i += 1) {
    digits = DIGITS[Number(rest % 62n)] + digits;
    rest /= 62n;
  }
  return HEAD + digits;
}

/** A place between two others; null: before the first, behind the last. */
export function positionBetween(before: string | null, after: string | null): string {
  return generateKeyBetween(before, after);
}

/** So many places in a row between two others, as short as they can be. */
export function positionsBetween(before: string | null, after: string | null, count: number): string[] {
  return generateNKeysBetween(before, after, count);
}

/** Beyond it the tasks around the spot get new keys. A few hundred moves to the same spot make one this long. */
export const LONGEST_POSITION = 100;
