/**
 * Scripts whose words stand without spaces between them, and Hangul, whose particles are written onto the word: first and last
 * code point of each range of letters and their marks (Unicode 16, Blocks.txt). Their digits and punctuation are left out.
 */
const RANGES: readonly (readonly [number, number])[] = [
  [0x0e01, 0x0e3a], // Thai
  [0x0e40, 0x0e4e],
  [0x0e81, 0x0ece], // Lao
  [0x1000, 0x103f], // Myanmar
  [0x1050, 0x109d],
  [0x1100, 0x11ff], // Hangul Jamo
  [0x1780, 0x17d3], // Khmer
  [0x2e80, 0x2fdf], // CJK and Kangxi radicals
  [0x3005, 0x3007], // iteration marks, zero
  [0x3021, 0x3029],
  [0x3041, 0x3096], // Hiragana
  [0x3099, 0x309a], // voicing marks
  [0x309d, 0x309f],
  [0x30a1, 0x30fa], // Katakana
  [0x30fc, 0x30ff],
  [0x3105, 0x312f], // Bopomofo
  [0x3131, 0x318e], // Hangul Compatibility Jamo
  [0x31a0, 0x31bf],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf], // Han
  [0x4e00, 0x9fff],
  [0xa960, 0xa97f],
  [0xac00, 0xd7ff], // Hangul syllables
  [0xf900, 0xfaff],
  [0xff66, 0xff9f], // half-width Katakana
  [0x1b000, 0x1b16f],
  [0x20000, 0x323af], // Han extensions
];

const hex = (point: number, digits: number) => point.toString(16).padStart(digits, '0');

/** The letters as the inside of a character class of a JavaScript regular expression with the flag `u`. */
const UNSPACED = RANGES.map(([first, last]) => `\\u{${hex(first, 1)}}-\\u{${hex(last, 1)}}`).join('');

/** The letters as the inside of a character class of a PostgreSQL regular expression. */
export const UNSPACED_SQL = RANGES.map(([first, last]) => `\\U${hex(first, 8)}-\\U${hex(last, 8)}`).join('');

const RUN = new RegExp(`[${UNSPACED}]+`, 'gu');

/** The runs of such letters in a text, in order. */
export function unspacedRuns(text: string): string[] {
  return text.match(RUN) ?? [];
}

/** The overlapping pairs of a run of letters: `上海东` gives `上海` and `海东`. A single letter is its own pair. */
export function pairsOf(run: string): string[] {
  const letters = [...run];
  return letters.length === 1 ? letters : letters.slice(1).map((letter, i) => letters[i]! + letter);
}

/**
 * Replaces each run of such letters by its pairs, parted by blanks, as the texts that are searched hold them
 * (`extensions.segmented` in text-search.ts).
 *
 * @param isPhrase whether each word stands right behind the one before it: the texts hold the last letter of a run as a word
 * of its own, which a phrase that goes on behind the run has to name
 */
export function segmented(text: string, isPhrase = false): string {
  return text
    .replaceAll(RUN, (run: string, at: number) => {
      const pairs = pairsOf(run);
      const goesOn = isPhrase && pairs[0] !== run && text.slice(at + run.length).trim() !== '';
      return ` ${(goesOn ? [...pairs, [...run].at(-1)!] : pairs).join(' ')} `;
    })
    .trim();
}
