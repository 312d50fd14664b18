import { textBlocks } from './text-blocks.ts';

/** People whom a text addresses, each once, in the order in which they are named. */
export interface PeopleNamed {
  ids: string[];
  /** In lower case. */
  emails: string[];
}

/** The address of `@[Any label](user:<uuid>)`: a link to Markdown, so that its label is shown where nobody knows what it is. */
const BY_ID = /user:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=[\s)>])/iy;
/** Of what stands behind an @. Each part has an end, so that no text is read again and again. */
const BY_EMAIL = /@([\w.%+-]{1,64}@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?){1,20})/iy;
/** Not within a word or an address on the web. */
const BEFORE = /[\s([{"'>,;:]/;
const PUNCTUATION = /[!-/:-@[-`{-~]/;

/** A link may begin here. */
interface Opening {
  isMention: boolean;
  /** How many were found before it. */
  emails: number;
}

/** What is looked for further on in a text, always from further on. */
const SOUGHT = {
  text: /[^ \n\t]/g,
  end: /[\s()]/g,
  closing: /[>\n]/g,
  tag: /[<>]/g,
  comment: /-->/g,
  '"': /"/g,
  "'": /'/g,
};
type Sought = keyof typeof SOUGHT;

/**
 * Of a Markdown text. What stands in code and in links addresses nobody; nor does a text nested too deep to be read. Whatever the
 * text, each of its characters is looked at a bounded number of times.
 */
export function peopleNamedIn(text: string): PeopleNamed {
  if (!text.includes('@')) return { ids: [], emails: [] };
  const [ids, emails] = [new Set<string>(), new Set<string>()];
  for (const block of textBlocks(text)) {
    if (!block.includes('@')) continue;
    const found = new InlineReader(block).read();
    for (const id of found.ids) ids.add(id.toLowerCase());
    for (const email of found.emails) emails.add(email.toLowerCase());
  }
  return { ids: [...ids], emails: [...emails] };
}

/** Reads a paragraph, heading or the like once, from its first character to its last. */
class InlineReader {
  readonly #text: string;
  readonly #codes: CodeSpans;
  readonly #found: Partial<Record<Sought, { from: number; at: number }>> = {};
  readonly #openings: Opening[] = [];
  readonly #ids: string[] = [];
  readonly #emails: string[] = [];
  #at = 0;
  /** Whether what stands before is no part of a word: nothing, a blank, an opening sign, or something else than text. */
  #isFree = true;

  constructor(text: string) {
    this.#text = text;
    this.#codes = new CodeSpans(text);
  }

  read(): PeopleNamed {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at]!);
    return { ids: this.#ids, emails: this.#emails };
  }

  #step(sign: string): void {
    if (sign === '\\' && PUNCTUATION.test(this.#text[this.#at + 1] ?? '')) this.#skipTo(this.#at + 2, true);
    else if (sign === '`') this.#skipTo(...this.#codes.endAt(this.#at));
    else if (sign === '<') this.#skipTo(...this.#tagEnd());
    else if (sign === '[') this.#open(false);
    else if (sign === ']') this.#close();
    else if (sign === '@') this.#address();
    // Emphasis is no part of what it stands at.
    else if (sign === '*' || sign === '_') this.#at += 1;
    else this.#skipTo(this.#at + 1, BEFORE.test(sign));
  }

  #skipTo(end: number, isFree: boolean): void {
    this.#at = end;
    this.#isFree = isFree;
  }

  #open(isMention: boolean): void {
    this.#openings.push({ isMention, emails: this.#emails.length });
    this.#skipTo(this.#text.indexOf('[', this.#at) + 1, true);
  }

  /** What was found within a link addresses nobody, and no link is within another one. */
  #close(): void {
    const opening = this.#openings.pop();
    const end = opening && this.#text[this.#at + 1] === '(' ? this.#linkEnd(this.#at + 2) : -1;
    if (!opening || end === -1) return this.#skipTo(this.#at + 1, false);
    this.#emails.length = opening.emails;
    if (opening.isMention) {
      BY_ID.lastIndex = this.#text[this.#at + 2] === '<' ? this.#at + 3 : this.#at + 2;
      const id = BY_ID.exec(this.#text)?.[1];
      if (id !== undefined) this.#ids.push(id);
    }
    this.#openings.length = 0;
    this.#skipTo(end, true);
  }

  #address(): void {
    if (!this.#isFree) return this.#skipTo(this.#at + 1, false);
    if (this.#text[this.#at + 1] === '[') return this.#open(true);
    BY_EMAIL.lastIndex = this.#at;
    const email = BY_EMAIL.exec(this.#text)?.[1];
    if (email === undefined) return this.#skipTo(this.#at + 1, false);
    this.#emails.push(email);
    this.#skipTo(BY_EMAIL.lastIndex, false);
  }

  /** Behind the parenthesis that closes an address and perhaps a title; -1 when none does. */
  #linkEnd(begin: number): number {
    let at = this.#find('text', begin);
    if (this.#text[at] === '<') at = this.#find('closing', at) + 1;
    else at = this.#find('end', at);
    // An address may have parentheses in pairs; nobody writes many.
    for (let pairs = 0; pairs < 4 && this.#text[at] === '('; pairs += 1) {
      const closing = this.#find('end', at + 1);
      if (this.#text[closing] !== ')') return -1;
      at = this.#find('end', closing + 1);
    }
    at = this.#find('text', at);
    const quote = this.#text[at];
    if (quote === '"' || quote === "'") at = this.#find('text', this.#find(quote, at + 1) + 1);
    return this.#text[at] === ')' ? at + 1 : -1;
  }

  /** Behind a tag of HTML, a comment or an address in angle brackets; else behind the sign itself. */
  #tagEnd(): [end: number, isFree: boolean] {
    if (!/[a-z/!?]/i.test(this.#text[this.#at + 1] ?? '')) return [this.#at + 1, false];
    const isComment = this.#text.startsWith('<!--', this.#at);
    const end = isComment ? this.#find('comment', this.#at + 4) + 2 : this.#find('tag', this.#at + 1);
    return this.#text[end] === '>' ? [end + 1, true] : [this.#at + 1, false];
  }

  /** Where it stands next. What was found once is not looked for again before it is passed. */
  #find(what: Sought, from: number): number {
    const known = this.#found[what];
    if (known && known.from <= from && from <= known.at) return known.at;
    const pattern = SOUGHT[what];
    pattern.lastIndex = from;
    const at = pattern.exec(this.#text)?.index ?? this.#text.length;
    this.#found[what] = { from, at };
    return at;
  }
}

/** Where spans of code end: at the next run of as many backticks as they begin with. */
class CodeSpans {
  /** Of each length of a run, where such runs begin. */
  readonly #runs = new Map<number, number[]>();

  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    for (const { 0: run, index } of text.matchAll(/`+/g)) {
      const known = this.#runs.get(run.length);
      if (known) known.push(index);
      else this.#runs.set(run.length, [index]);
    }
    // The next one is taken from the end.
    for (const places of this.#runs.values()) places.reverse();
  }

  /** @param at the first backtick of a run @returns the end of the span, or of the run when it begins none */
  endAt(at: number): [end: number, isFree: boolean] {
    let length = 1;
    while (this.#text[at + length] === '`') length += 1;
    const places = this.#runs.get(length) ?? [];
    while (places.length > 0 && places.at(-1)! <= at) places.pop();
    return [(places.at(-1) ?? at) + length, true];
  }
}
