import type { Mark, MarkedText } from './search.types.ts';

/** What the database puts around a hit: no text of people can hold them, for they are taken out of it first. */
export const MARK_START = '\u0001';
export const MARK_END = '\u0002';

/** Takes the signs out of a text and tells where they stood. */
export function unmark(marked: string): MarkedText {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (const part of marked.split(/(\u0001|\u0002)/)) {
    if (part === MARK_START) start = text.length;
    else if (part === MARK_END) marks.push({ start, length: text.length - start });
    else text += part;
  }
  return { text, marks };
}
