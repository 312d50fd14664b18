import type { Mark, MarkedText } from './search.types.ts';

/** What the database puts around a hit: no text of people can hold them, for they are taken out of it first. */
export const MARK_START = '\u0001';
export const MARK_END = '\u0002';
/** Signs that part words, each with what stands for it meanwhile: the database's parser would read more into them. */
export const JOINTS = '<>-_/.@:+&~%?=#\\';
export const STANDINS = [...JOINTS].map((_, i) => String.fromCharCode(0xe100 + i)).join('');
const STANDIN = new RegExp(`[${STANDINS}]`, 'g');
/** All of them. */
export const SIGNS = MARK_START + MARK_END + STANDINS;

/** Takes the signs out of a text and tells where they stood. */
export function unmark(marked: string): MarkedText {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (const part of marked.split(/(\u0001|\u0002)/)) {
    if (part === MARK_START) start = text.length;
    else if (part === MARK_END) marks.push({ start, length: text.length - start });
    else text += part.replaceAll(STANDIN, (standin) => JOINTS[STANDINS.indexOf(standin)]!);
  }
  return { text, marks };
}
