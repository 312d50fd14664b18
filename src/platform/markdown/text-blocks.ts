/** Quotes and lists within each other; a line that is nested deeper is not read. */
const MOST_NESTED = 100;
/** Columns by which a line is code. */
const CODE_INDENT = 4;

const FENCE = /(?:(`{3,})[^`\n]*|(~{3,}).*)$/y;
const HEADING = /#{1,6}(?:[ \t]|$)/y;
const ITEM = /(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)/y;

interface Line {
  /** Signs of quotes before it. */
  quotes: number;
  isItem: boolean;
  /** Columns before its text; in a quote, behind the last sign of one. */
  indent: number;
  /** Where its text begins. */
  begin: number;
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
export function textBlocks(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: Fence | null = null;
  let isInList = false;
  const end = () => {
    if (lines.length > 0) blocks.push(lines.join('\n'));
    lines = [];
  };
  for (const whole of text.split(/\r\n|\n|\r/)) {
    const line = lineOf(whole);
    if (line === null) continue;
    if (fence && line.quotes >= fence.quotes) {
      const rest = whole.slice(line.begin).trimEnd();
      if (rest.startsWith(fence.sign) && rest === fence.sign[0]!.repeat(rest.length)) fence = null;
      continue;
    }
    fence = fenceAt(whole, line);
    const isHeading = matches(HEADING, whole, line.begin);
    if (fence || line.isItem || isHeading || line.begin === whole.length) end();
    if (line.isItem) isInList = true;
    else if (line.indent === 0 && lines.length === 0 && line.begin < whole.length) isInList = false;
    const isCode = line.indent >= CODE_INDENT && lines.length === 0 && !isInList;
    if (fence || isCode || line.begin === whole.length) continue;
    lines.push(whole.slice(line.begin));
    if (isHeading) end();
  }
  end();
  return blocks;
}

/** @returns null for one that is nested too deep */
function lineOf(text: string): Line | null {
  const line: Line = { quotes: 0, isItem: false, indent: 0, begin: 0 };
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
