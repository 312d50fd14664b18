import { segmented } from '../text-search/unspaced-scripts.ts';

/** What was typed into a search box, taken apart so that the word at its end finds what begins with it. */
interface TypedWords {
  typed: string;
  /** What stands before the last word. */
  earlier: string;
  /** The last word; null where it is excluded, or followed by something else. */
  word: string | null;
  /** Whether `or` stands before it. */
  either: boolean;
}

/** Between two words they part them, as in the texts that are searched (migrations/tenant: search_document). */
const JOINTS = /(?<=[\p{L}\p{M}\p{N}])[<>\-_/.@:+&~%?=#\\]+(?=[\p{L}\p{M}\p{N}])/gu;
const LAST_WORD = /^(.*[^\p{L}\p{M}\p{N}])?([\p{L}\p{M}\p{N}]+)$/su;
const EXCLUDING = /(?:^|[\s(])-$/;
/** A closed phrase, a bare word with its signs, or the space between. */
const PIECES = /"[^"]*"|[^\s"]+|\s+/gu;

/** `PROJ-123` are two words, and so are those of a path, an address or a version. */
export function partedWords(typed: string): string {
  return typed.replaceAll(JOINTS, ' ');
}

/** A phrase that is being typed: what it holds so far is words. */
function withoutOpenQuote(typed: string): string {
  const last = typed.lastIndexOf('"');
  const isClosed = typed.split('"').length % 2 === 1;
  return isClosed ? typed : `${typed.slice(0, last)} ${typed.slice(last + 1)}`;
}

/**
 * Writes each piece with the words that the searched texts hold. A bare word that becomes several is a phrase where it is
 * excluded or an alternative: `-PROJ-123` excludes what has both parts beside each other, and not the first part alone.
 */
function inIndexedWords(typed: string): string {
  const pieces = typed.match(PIECES) ?? [];
  const isOr = (piece: string | undefined) => piece?.toLowerCase() === 'or';
  return pieces
    .map((piece, i) => {
      if (piece.startsWith('"')) return `"${segmented(partedWords(piece.slice(1, -1)), true)}"`;
      if (piece.trim() === '') return piece;
      const sign = piece.startsWith('-') ? '-' : '';
      const isPhrase = sign !== '' || isOr(pieces[i - 2]) || isOr(pieces[i + 2]);
      const words = segmented(partedWords(piece.slice(sign.length)), isPhrase);
      return isPhrase && words.includes(' ') ? `${sign}"${words}"` : sign + words;
    })
    .join('');
}

function typedWords(text: string): TypedWords {
  const typed = inIndexedWords(withoutOpenQuote(text.normalize('NFC')));
  const [, earlier = '', word] = LAST_WORD.exec(typed) ?? [];
  if (word === undefined || EXCLUDING.test(earlier)) return { typed, earlier: '', word: null, either: false };
  return { typed, earlier, word, either: /\sor\s+$/i.test(earlier) };
}

/** The tsquery of what was typed, in the tenant's language. @param bind adds a parameter and gives its place with the type */
export function wordsSql(words: string, bind: (value: unknown, type: string) => string): string {
  const { typed, earlier, word, either } = typedWords(words);
  return `"@tenant".search_query(${bind(typed, 'text')}, ${bind(earlier, 'text')}, ${bind(word, 'text')}, ${bind(either, 'boolean')})`;
}
