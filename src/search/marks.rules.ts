import { pairsOf } from '../platform/text-search/unspaced-scripts.ts';
import type { Mark, MarkedText } from './search.types.ts';

/** What the database puts around a hit: no text of people can hold them, for they are taken out of it first. */
export const MARK_START = '\u0001';
export const MARK_END = '\u0002';
/** Signs that part words, each with what stands for it meanwhile: the database's parser would read more into them. */
export const JOINTS = '<>-_/.@:+&~%?=#\\';
export const STANDINS = [...JOINTS].map((_, i) => String.fromCharCode(0xe100 + i)).join('');
const STANDIN = new RegExp(`[${STANDINS}]`, 'g');
/** Stands where a run of letters of a script without spaces begins or ends, and for nothing. */
export const BOUNDARY = String.fromCharCode(0xe100 + JOINTS.length);
/** All that no text of people keeps; the boundary is put there afterwards. */
export const SIGNS = MARK_START + MARK_END + STANDINS;

/** Takes the signs out of a text and tells where they stood. */
export function unmark(marked: string): MarkedText {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (const part of marked.replaceAll(BOUNDARY, '').split(/(\u0001|\u0002)/)) {
    if (part === MARK_START) start = text.length;
    else if (part === MARK_END) marks.push({ start, length: text.length - start });
    else text += part.replaceAll(STANDIN, (standin) => JOINTS[STANDINS.indexOf(standin)]!);
  }
  return { text, marks };
}

/**
 * Adds the places of words in scripts without spaces, which the database's own highlighting does not know: where the whole run
 * stands; where it stands nowhere in one piece, its pairs of letters.
 */
export function markRuns({ text, marks }: MarkedText, runs: readonly string[]): MarkedText {
  const added = runs.flatMap((run) => {
    const whole = placesOf(text, run);
    return whole.length > 0 ? whole : pairsOf(run).flatMap((pair) => placesOf(text, pair));
  });
  return { text, marks: merged([...marks, ...added]) };
}

function placesOf(text: string, part: string): Mark[] {
  const places: Mark[] = [];
  for (let start = text.indexOf(part); start >= 0; start = text.indexOf(part, start + part.length))
    places.push({ start, length: part.length });
  return places;
}

/** In order; those that touch are one. */
function merged(marks: Mark[]): Mark[] {
  const result: Mark[] = [];
  for (const mark of marks.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && mark.start < last.start + last.length)
      last.length = Math.max(last.length, mark.start + mark.length - last.start);
    else result.push({ ...mark });
  }
  return result;
}
