/** NIST SP 800-63B-4, 3.1.1.2: 15 characters where the password is all there is, 8 beside a second factor. */
const SHORTEST_ALONE = 15;
export const SHORTEST_BESIDE_FACTOR = 8;

/** Whether a password, in lower case, is among the commonest. */
export type IsCommon = (plain: string) => boolean;

/** What is repeated without making a password any longer to guess. */
const LONGEST_UNIT = 4;
/** Shorter words stand in too many honest passwords. */
const SHORTEST_WORD = 3;

export interface Weakness {
  code: 'too_short' | 'too_common' | 'guessable';
  message: string;
}

/**
 * Why a password is not taken; null when it is. It is looked at as it was typed: no characters are demanded, and none
 * are changed.
 *
 * @param words that somebody would try first here: the organisation, the address, the name
 */
export function weaknessOf(
  password: string,
  words: string[],
  besideFactor: boolean,
  isCommon: IsCommon,
): Weakness | null {
  const shortest = besideFactor ? SHORTEST_BESIDE_FACTOR : SHORTEST_ALONE;
  // As a person counts them: an emoji is one.
  if ([...password].length < shortest)
    return {
      code: 'too_short',
      message: `A password needs at least ${shortest} characters; a few words make a good one.`,
    };
  const plain = password.toLowerCase();
  if (isCommon(plain) || isRepetition(plain, isCommon))
    return { code: 'too_common', message: 'This password is among those that are tried first. Choose another one.' };
  if ([...withoutWords(plain, words)].length < SHORTEST_BESIDE_FACTOR)
    return {
      code: 'guessable',
      message: 'Apart from your name, your address and your organisation there is not enough left of this password.',
    };
  return null;
}

/** Long enough only beside a second factor. */
export function isShort(password: string): boolean {
  return [...password].length < SHORTEST_ALONE;
}

/** A common password or a few characters, over and over: `passwordpassword`, `abcabcabcabcabc`. */
function isRepetition(plain: string, isCommon: IsCommon): boolean {
  const [, unit] = /^(.+?)\1+$/su.exec(plain) ?? [];
  return unit !== undefined && (unit.length <= LONGEST_UNIT || isCommon(unit));
}

/** Letters and digits that are left when the words are taken out; of a password without any of them, all there is. */
function withoutWords(plain: string, words: string[]): string {
  const parts = words
    .flatMap((word) => word.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((part) => part.length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length);
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), plain);
  return rest === plain ? plain : rest.replace(/[^\p{L}\p{N}]+/gu, '');
}
