import { FileNameRefused } from './attachments.errors.ts';

const MOST_CHARACTERS = 255;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** They turn the direction of what follows, so that `gnp.exe` reads `exe.png`. */
const TURNING = /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const BLANK = /\s/u;

/**
 * The name of a file as it is kept: without folders, in composed form, as short as systems take it.
 *
 * @throws FileNameRefused
 */
export function cleanFileName(text: string): string {
  const base = text.split(/[\\/]/).at(-1)!;
  if (CONTROL.test(base)) throw new FileNameRefused('The name of a file has no control characters.');
  if (TURNING.test(base)) throw new FileNameRefused('The name of a file has no characters that turn its direction.');
  const name = withoutEdges(base.toWellFormed().normalize('NFC'));
  if (name === '') throw new FileNameRefused('Give the file a name.');
  if (name.length > 2 * MOST_CHARACTERS || [...name].length > MOST_CHARACTERS)
    throw new FileNameRefused(`The name of a file has at most ${MOST_CHARACTERS} characters.`);
  return name;
}

/** Without blanks at its beginning, nor blanks and dots at its end. */
function withoutEdges(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '.' || BLANK.test(text[end - 1]!))) end -= 1;
  return text.slice(0, end).trimStart();
}

/** In lower case, without its dot; empty when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}
