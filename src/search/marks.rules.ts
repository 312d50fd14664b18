import type { Mark, MarkedText } from './search.types.ts';

/** What the database puts around a hit: no text of people can hold them, for they are taken out of it first. */
export const MARK_START = '\u0001';
export const MARK_END = '\u0002';
/** They stand for < and > meanwhile: what is between those would be taken for a tag, and left out. */
export const LESS = '\u0003';
export const GREATER = '\u0004';
/** All of them. */
export const SIGNS = MARK_START + MARK_END + LESS + GREATER;

/** Takes the signs out of a text and tells where they stood. */
export function unmark(marked: string): MarkedText {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (const part of marked.split(/(\u0001|\u0002)/)) {
    if (part === MARK_START) start = text.length;
    else if (part === MARK_END) marks.push({ start, length: text.length - start });
    else text += part.replaceAll(LESS, '<').replaceAll(GREATER, '>');
  }
  return { text, marks };
}
