import { InvalidInput } from '../errors/app-error.ts';

/** Levels of objects and lists within each other; the body itself is the first. */
export const MOST_LEVELS = 20;
/** Members of one object, repeated ones too. */
export const MOST_KEYS = 1_000;
/** Entries of one list. */
export const MOST_ENTRIES = 5_000;
/** Values of a whole body, objects and lists among them: the largest bulk has about half of it. */
export const MOST_VALUES = 100_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OBJECT, LIST, END_OF_OBJECT, END_OF_LIST] = [0x7b, 0x5b, 0x7d, 0x5d];
/** Bytes of a text that are looked at one by one, before its end is searched for: most texts are shorter. */
const SHORT = 64;

/**
 * Counts what a JSON text holds in one pass over its bytes, before anything is made of it. Whether it is JSON at all is
 * for the parser to say.
 *
 * @throws InvalidInput at the first bound that is passed; what is behind it is not looked at
 */
export function refuseUnbounded(json: Buffer): void {
  // Of each level: how many members or entries have begun, and whether it is an object.
  const counts = new Uint32Array(MOST_LEVELS + 1);
  const isObject = new Uint8Array(MOST_LEVELS + 1);
  let level = 0;
  let values = 1;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfText(json, at + 1);
    else if (byte === COMMA) {
      values += 1;
      if (values > MOST_VALUES) throw tooMany(`A body has at most ${MOST_VALUES} values.`);
      counts[level]! += 1;
      if (counts[level]! >= (isObject[level] ? MOST_KEYS : MOST_ENTRIES))
        throw isObject[level]
          ? tooMany(`An object has at most ${MOST_KEYS} members.`)
          : tooMany(`A list has at most ${MOST_ENTRIES} entries.`);
    } else if (byte === OBJECT || byte === LIST) {
      if (level === MOST_LEVELS) throw refused('depth', `Nested deeper than ${MOST_LEVELS} levels.`);
      level += 1;
      values += 1;
      counts[level] = 0;
      isObject[level] = byte === OBJECT ? 1 : 0;
    } else if ((byte === END_OF_OBJECT || byte === END_OF_LIST) && level > 0) level -= 1;
  }
}

/** The place of the quote that ends the text which begins there; the end of all when there is none. */
function endOfText(json: Buffer, begin: number): number {
  let at = begin;
  for (;;) {
    for (const stop = Math.min(at + SHORT, json.length); at < stop; at += 1) {
      if (json[at] === QUOTE) return at;
      if (json[at] === BACKSLASH) at += 1;
    }
    if (at >= json.length) return json.length;
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) return json.length;
    let escapes = quote;
    while (escapes > at && json[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote;
    at = quote + 1;
  }
}

function refused(code: string, message: string): InvalidInput {
  return new InvalidInput([{ pointer: '', code, message }]);
}

function tooMany(message: string): InvalidInput {
  return refused('too_many', message);
}
