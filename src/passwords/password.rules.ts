/** NIST SP 800-63B-4, 3.1.1.2: 15 characters where the password is all there is, 8 beside a second factor. */
const SHORTEST_ALONE = 15;
const SHORTEST_BESIDE_FACTOR = 8;

/**
 * What takes fewer guesses falls to somebody who has stolen the hashes. Beside a second factor, where eight characters are
 * enough and the estimate counts ten guesses for each, it is what falls to somebody who guesses at the sign-in.
 */
const FEWEST_GUESSES_ALONE = 1e10;
const FEWEST_GUESSES_BESIDE_FACTOR = 1e8;
/** By how much a sign between its words makes a password longer to guess: there are about so many, used alike everywhere. */
const SIGN_BETWEEN_WORDS = 100;
const SIGNS = /[^\p{L}\p{N}]+/gu;

/** Letters of one piece. The estimate costs the square of the length, so that a long password is judged in pieces. */
const PIECE = 32;
/** Letters that are judged, so that no password costs more than some milliseconds; what lies behind them makes none worse. */
const MOST_JUDGED = 64;
/** The same few letters over and over: how often makes a password no better, and would keep what follows from being judged. */
const REPEATED = /(.{1,16}?)\1{2,}/gsu;

/** Shorter words stand in too many honest passwords. */
const SHORTEST_WORD = 3;
/** Tried first wherever this product is found. */
const PRODUCT = 'projectflow';
const MOST_WORDS = 40;

/** How many guesses a password takes. @param words that somebody would try first here */
export type CountGuesses = (password: string, words: string[]) => number;

export interface Weakness {
  code: 'too_short' | 'too_common' | 'guessable';
  message: string;
}

const TOO_COMMON: Weakness = {
  code: 'too_common',
  message: 'This password is among those that are tried first. Choose some words that do not belong together.',
};
const GUESSABLE: Weakness = {
  code: 'guessable',
  message: 'Apart from your name, your address and your organisation there is not enough left of this password.',
};

/**
 * Why a password is not taken; null when it is.
 *
 * @param password normalised
 * @param texts that somebody would try first here: the organisation, the address, the name
 */
export function weaknessOf(
  password: string,
  texts: string[],
  besideFactor: boolean,
  guesses: CountGuesses,
  fewest = besideFactor ? FEWEST_GUESSES_BESIDE_FACTOR : FEWEST_GUESSES_ALONE,
): Weakness | null {
  const shortest = besideFactor ? SHORTEST_BESIDE_FACTOR : SHORTEST_ALONE;
  // As a person counts them: an emoji is one.
  if ([...password].length < shortest)
    return {
      code: 'too_short',
      message: `A password needs at least ${shortest} characters; a few words make a good one.`,
    };
  const words = wordsIn(texts);
  const plain = password.toLowerCase();
  const rest = withoutWords(plain, words);
  if ([...rest].length < SHORTEST_BESIDE_FACTOR) return GUESSABLE;
  if (guesses(password, words) >= fewest) return null;
  return rest === plain ? TOO_COMMON : GUESSABLE;
}

/** Long enough only beside a second factor. */
export function isShort(password: string): boolean {
  return [...password].length < SHORTEST_ALONE;
}

/**
 * The estimate for a whole password: that of its best piece, because each alone has to be guessed. Between words the same
 * sign is no secret, however many of them there are.
 *
 * @param ofPiece the estimate for a few letters
 */
export function guessesOf(password: string, ofPiece: (piece: string) => number): number {
  const once = password.replace(REPEATED, '$1$1');
  const asTyped = bestOf(once, ofPiece);
  const joined = once.replace(SIGNS, '');
  return joined === '' || joined === once ? asTyped : Math.min(asTyped, bestOf(joined, ofPiece) * SIGN_BETWEEN_WORDS);
}

function bestOf(password: string, ofPiece: (piece: string) => number): number {
  const letters = [...password].slice(0, MOST_JUDGED);
  const pieces = Math.ceil(letters.length / PIECE);
  const size = Math.ceil(letters.length / pieces);
  let best = 0;
  // The first one that is good enough answers it.
  for (let i = 0; i < pieces && best < FEWEST_GUESSES_ALONE; i += 1)
    best = Math.max(best, ofPiece(letters.slice(i * size, (i + 1) * size).join('')));
  return best;
}

/** Each text with its words, in lower case. */
function wordsIn(texts: string[]): string[] {
  const all = [PRODUCT, ...texts]
    .map((text) => text.normalize('NFKC').toLowerCase())
    .flatMap((text) => [text, text.replace(SIGNS, ''), ...text.split(SIGNS)])
    .filter((word) => word.length >= SHORTEST_WORD && word.length <= PIECE);
  return [...new Set(all)].slice(0, MOST_WORDS);
}

/** Letters and digits that are left when the words are taken out; of a password without any of them, all there is. */
function withoutWords(plain: string, words: string[]): string {
  const rest = words.toSorted((a, b) => b.length - a.length).reduce((left, part) => left.replaceAll(part, ''), plain);
  return rest === plain ? plain : rest.replace(SIGNS, '');
}
