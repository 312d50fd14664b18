/** Quotes and lists within each other; a line that is nested deeper is not read. */
const MOST_NESTED = 100;
/** Columns by which a line is code. */
const CODE_INDENT = 4;

const FENCE = /(?:(`{3,})[^`\n]*|(~{3,}).*)$/my;
const HEADING = /#{1,6}(?:[ \t]|$)/my;
const ITEM = /(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)/my;

interface Line {
  /** Signs of quotes before it. */
  quotes: number;
  isItem: boolean;
  /** Columns before its text; in a quote, behind the last sign of one. */
  indent: number;
  /** Where its text begins and ends. */
  begin: number;
  end: number;
}

/** A block of code between fences. */
interface Fence {
  quotes: number;
  sign: string;
}

/**
 * The paragraphs, headings and list items of a Markdown text, each without the signs and indents before its lines; not what
 * is code. It goes over the text once. Where an indent could be of code or of a list within a list, it is taken for the latter.
 */
export function textBlocks(markdown: string): string[] {
  const text = markdown.includes('\r') ? markdown.replaceAll(/\r\n?/g, '\n') : markdown;
  const blocks: string[] = [];
  const block = new Block(text);
  let fence: Fence | null = null;
  let isInList = false;
  const end = () => {
    if (!block.isEmpty) blocks.push(block.take());
  };
  for (let next = 0; next <= text.length;) {
    const newline = text.indexOf('\n', next);
    const line = lineAt(text, next, newline === -1 ? text.length : newline);
    next = newline === -1 ? text.length + 1 : newline + 1;
    if (line === null) continue;
    if (fence && line.quotes >= fence.quotes) {
      if (closes(text.slice(line.begin, line.end).trimEnd(), fence)) fence = null;
      continue;
    }
    const isBlank = line.begin === line.end;
    fence = fenceAt(text, line);
    const isHeading = matches(HEADING, text, line.begin);
    if (fence || line.isItem || isHeading || isBlank) end();
    if (line.isItem) isInList = true;
    else if (line.indent === 0 && block.isEmpty && !isBlank) isInList = false;
    const isCode = line.indent >= CODE_INDENT && block.isEmpty && !isInList;
    if (fence || isCode || isBlank) continue;
    block.add(line.begin, line.end);
    if (isHeading) end();
  }
  end();
  return blocks;
}

/** Lines of a text that belong together; those that follow each other in it are cut out of it as one. */
class Block {
  readonly #text: string;
  #parts: string[] = [];
  #begin = -1;
  #end = -1;

  constructor(text: string) {
    this.#text = text;
  }

  get isEmpty(): boolean {
    return this.#begin === -1;
  }

  add(begin: number, end: number): void {
    if (this.isEmpty || begin !== this.#end + 1) {
      if (!this.isEmpty) this.#parts.push(this.#text.slice(this.#begin, this.#end));
      this.#begin = begin;
    }
    this.#end = end;
  }

  take(): string {
    const whole = [...this.#parts, this.#text.slice(this.#begin, this.#end)].join('\n');
    this.#parts = [];
    [this.#begin, this.#end] = [-1, -1];
    return whole;
  }
}

/** @returns null for one that is nested too deep */
function lineAt(text: string, start: number, end: number): Line | null {
  const line: Line = { quotes: 0, isItem: false, indent: 0, begin: start, end };
  for (let nested = 0; nested <= MOST_NESTED; nested += 1) {
    line.indent = 0;
    for (; text[line.begin] === ' ' || text[line.begin] === '\t'; line.begin += 1)
      line.indent += text[line.begin] === '\t' ? CODE_INDENT : 1;
    if (text[line.begin] === '>' && line.indent < CODE_INDENT) {
      line.quotes += 1;
      line.begin += text[line.begin + 1] === ' ' ? 2 : 1;
    } else if (matches(ITEM, text, line.begin)) {
      line.isItem = true;
      line.begin = ITEM.lastIndex;
    } else return line;
  }
  return null;
}

function closes(line: string, { sign }: Fence): boolean {
  return line.startsWith(sign) && line === sign[0]!.repeat(line.length);
}

function fenceAt(text: string, { begin, quotes }: Line): Fence | null {
  FENCE.lastIndex = begin;
  const [, backticks, tildes] = FENCE.exec(text) ?? [];
  const sign = backticks ?? tildes;
  return sign === undefined ? null : { quotes, sign };
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}
