import { Marked, type Token } from 'marked';

/** People whom a text addresses, each once, in the order in which they are named. */
export interface PeopleNamed {
  ids: string[];
  /** In lower case. */
  emails: string[];
}

/** `@[Any label](user:<uuid>)`: a link to Markdown, so that its label is shown where nobody knows what it is. */
const BY_ID = /^user:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
/** Not within a word or an address on the web; the last letter of a sentence is no part of it. */
const BY_EMAIL =
  /(?<=^|[\s([{"'>,;:])@([\w.%+-]{1,64}@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+)/gi;
const AT_THE_END = /(?:^|[\s([{"'>,;:])@$/;

// Without the extensions of GitHub: their search for addresses takes quadratic time, and ours stand behind an @.
const markdown = new Marked({ gfm: false });

/** Of a Markdown text. What stands in code and in links addresses nobody; nor does a text nested too deep to be read. */
export function peopleNamedIn(text: string): PeopleNamed {
  const ids = new Set<string>();
  const emails = new Set<string>();
  if (text.includes('@')) for (const run of runsOf(tokensOf(text))) read(run, ids, emails);
  return { ids: [...ids], emails: [...emails] };
}

function tokensOf(text: string): Token[] {
  try {
    return markdown.lexer(text);
  } catch (error) {
    // Thousands of quotes or lists within each other end the stack; nobody writes that to anybody.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Tokens that stand beside each other, innermost ones too. */
function* runsOf(tokens: Token[]): Generator<Token[]> {
  yield tokens;
  for (const token of tokens) {
    if (token.type === 'link' || token.type === 'image') continue;
    if ('items' in token) for (const item of token.items as { tokens: Token[] }[]) yield* runsOf(item.tokens);
    if ('tokens' in token && token.tokens) yield* runsOf(token.tokens);
  }
}

function read(run: Token[], ids: Set<string>, emails: Set<string>): void {
  let text = '';
  for (const token of [...run, null]) {
    if (token?.type === 'text' && !('tokens' in token && token.tokens)) {
      text += token.raw;
      continue;
    }
    for (const [, email] of text.matchAll(BY_EMAIL)) emails.add(email!.toLowerCase());
    const id = token?.type === 'link' && AT_THE_END.test(text) ? BY_ID.exec(token.href as string)?.[1] : undefined;
    if (id !== undefined) ids.add(id.toLowerCase());
    text = '';
  }
}
