/** Words of so many letters are searched for with an error in them; what is shorter would find nearly everything. */
const SHORTEST = 4;
const LONGEST = 30;
const MOST_WORDS = 5;
/** Of words that are guessed at, together: each letter is four patterns, and each pattern is a look into the index. */
const MOST_LETTERS = 40;

const WORD = /(^|[\s(])(-?)([\p{L}\p{N}]+)/gu;

/** One word that was typed, and how it may have been meant. */
export interface Guess {
  /** Patterns of LIKE; any of them stands somewhere in the title. */
  parts: string[];
  /** The same as a regular expression: at the beginning of a word. */
  beginning: string;
}

/**
 * Each word as it is or with one typing error: a letter too many, one too few, a wrong one, or two that changed places.
 * Lower case without accents; letters and digits alone, so that nothing in it means anything to a pattern.
 *
 * @returns none when no word is long enough to be guessed at, or when somebody says exactly what is wanted: a phrase, or what is not
 */
export function guessesOf(typed: string): Guess[] {
  const plain = typed.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const found = [...plain.matchAll(WORD)];
  const words = found.map(([, , , word]) => word!);
  const isExact = typed.includes('"') || found.some(([, , excluded]) => excluded !== '');
  if (isExact || !words.some(canBeMeant)) return [];
  let left = MOST_LETTERS;
  return words.slice(0, MOST_WORDS).map((word) => {
    const isGuessedAt = canBeMeant(word) && word.length <= left;
    if (isGuessedAt) left -= word.length;
    const variants = isGuessedAt ? variantsOf(word) : [word];
    return {
      parts: variants.map((variant) => `%${variant}%`),
      beginning: `\\m(${variants.map((variant) => variant.replaceAll('_', '[[:alnum:]]')).join('|')})`,
    };
  });
}

function canBeMeant(word: string): boolean {
  const { length } = [...word];
  return length >= SHORTEST && length <= LONGEST;
}

/** `_` stands for any letter. */
function variantsOf(word: string): string[] {
  const letters = [...word];
  const variants = new Set([word]);
  for (const [i, letter] of letters.entries()) {
    const [before, after] = [letters.slice(0, i).join(''), letters.slice(i + 1).join('')];
    variants.add(`${before}_${after}`);
    variants.add(`${before}_${letter}${after}`);
    if (letters.length > SHORTEST) variants.add(before + after);
    const next = letters[i + 1];
    if (next !== undefined) variants.add(before + next + letter + letters.slice(i + 2).join(''));
  }
  return [...variants];
}
