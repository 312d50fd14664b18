/** What somebody has typed into a search box, taken apart so that the word they are at finds what begins with it. */
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

function typedWords(text: string): TypedWords {
  const typed = withoutOpenQuote(partedWords(text));
  const [, earlier = '', word] = LAST_WORD.exec(typed) ?? [];
  if (word === undefined || EXCLUDING.test(earlier)) return { typed, earlier: '', word: null, either: false };
  return { typed, earlier, word, either: /\sor\s+$/i.test(earlier) };
}

/** The tsquery of what was typed, in the tenant's language. @param bind adds a parameter and gives its place with the type */
export function wordsSql(words: string, bind: (value: unknown, type: string) => string): string {
  const { typed, earlier, word, either } = typedWords(words);
  return `"@tenant".search_query(${bind(typed, 'text')}, ${bind(earlier, 'text')}, ${bind(word, 'text')}, ${bind(either, 'boolean')})`;
}
