/** What somebody has typed into a search box, taken apart so that the word they are at finds what begins with it. */
interface TypedWords {
  typed: string;
  /** What stands before the last word. */
  earlier: string;
  /** The last word; null where it is closed by a quote, excluded, or followed by something else. */
  word: string | null;
  /** Whether `or` stands before it. */
  either: boolean;
}

const LAST_WORD = /^(.*[\s(])?([\p{L}\p{M}\p{N}]+)$/su;

function typedWords(typed: string): TypedWords {
  const [, earlier = '', word] = LAST_WORD.exec(typed) ?? [];
  const isQuoted = typed.split('"').length % 2 === 0;
  if (word === undefined || isQuoted) return { typed, earlier: '', word: null, either: false };
  return { typed, earlier, word, either: /\sor\s+$/i.test(earlier) };
}

/** The tsquery of what was typed, in the tenant's language. @param bind adds a parameter and gives its place with the type */
export function wordsSql(words: string, bind: (value: unknown, type: string) => string): string {
  const { typed, earlier, word, either } = typedWords(words);
  return `"@tenant".search_query(${bind(typed, 'text')}, ${bind(earlier, 'text')}, ${bind(word, 'text')}, ${bind(either, 'boolean')})`;
}
