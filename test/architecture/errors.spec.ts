import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Clients branch on codes: docs/errors.md is the list they were promised, and this keeps it whole. */
const PROJECT = join(import.meta.dirname, '../..');
const KINDS = [
  'invalid',
  'unauthenticated',
  'refused',
  'missing',
  'conflict',
  'stale',
  'oversized',
  'unsupported',
  'limited',
  'unavailable',
  'internal',
];
/** What takes a code as its second argument, or has it as a default. */
const ERRORS = ['AppError', 'InvalidInput'];

const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(join(PROJECT, 'src', file), 'utf8'))
  .map((text, i) => ts.createSourceFile(`${i}.ts`, text, ts.ScriptTarget.ESNext, true));

function eachNode(visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  sources.forEach(walk);
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** The class around a node, if it is an error of ours. */
function isInError(node: ts.Node): boolean {
  const around = ts.findAncestor(node, ts.isClassLike);
  const bases = around?.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
  return bases?.some((base) => ERRORS.includes(base)) ?? false;
}

/** The code that a node gives to an error, if it does. */
function errorCode(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && ERRORS.includes(node.expression.getText())) return textOf(node.arguments?.[1]);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword && isInError(node))
    return textOf(node.arguments[1]);
  if (ts.isParameter(node) && node.name.getText() === 'code' && isInError(node)) return textOf(node.initializer);
  // ['missing', 'route_not_found', 'There is no such route.']
  if (!ts.isArrayLiteralExpression(node)) return undefined;
  const [kind, code, message] = node.elements.map(textOf);
  return KINDS.includes(kind ?? '') && message?.includes(' ') ? code : undefined;
}

/** The literals that an expression can give; of a template what it begins with. */
function literalsOf(node: ts.Node | undefined): string[] {
  if (node && ts.isTemplateExpression(node)) return [node.head.text];
  if (node && ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)];
  const text = textOf(node);
  return text === undefined ? [] : [text];
}

/** The codes that a node gives to a detail: `{ pointer, code: '...' }`, or through one of the helpers that make these. */
function detailCodes(node: ts.Node): string[] {
  if (ts.isCallExpression(node) && ['wrong', 'check'].includes(node.expression.getText()))
    return literalsOf(node.arguments[0]);
  if (!ts.isObjectLiteralExpression(node)) return [];
  const values = new Map(
    node.properties.map((each) => [each.name?.getText(), ts.isPropertyAssignment(each) ? each.initializer : undefined]),
  );
  if (ts.isVariableDeclaration(node.parent) && node.parent.name.getText() === 'CODES')
    return [...values.values()].flatMap(literalsOf);
  return values.has('pointer') ? literalsOf(values.get('code')) : [];
}

/** Codes in the first column of the tables below a heading. */
function documented(...headings: string[]): string[] {
  const sections = readFileSync(join(PROJECT, 'docs/errors.md'), 'utf8').split(/^## /m);
  const wanted = sections.filter((section) => headings.includes(section.split('\n', 1)[0]!));
  expect(wanted).toHaveLength(headings.length);
  return wanted.flatMap((section) => [...section.matchAll(/^\| `([a-z_]+)`/gm)].map(([, code]) => code!)).sort();
}

describe('docs/errors.md', () => {
  it('lists every code that an error can have, once, and no other', () => {
    const codes = new Set<string>();
    eachNode((node) => {
      const code = errorCode(node);
      if (code !== undefined) codes.add(code);
    });
    expect(codes.size).toBeGreaterThan(25);
    expect(documented('Codes of answers', 'Codes of commands', 'Codes in the log alone')).toEqual([...codes].sort());
  });

  it('lists every code that a detail can have, and none that the source does not know', () => {
    const given = new Set<string>();
    const literals = new Set<string>();
    eachNode((node) => {
      for (const code of detailCodes(node)) given.add(code);
      literals.add(textOf(node) ?? '');
    });
    const listed = documented('Codes of details');
    const isListed = (code: string) => listed.some((one) => (code.endsWith('_') ? one.startsWith(code) : one === code));
    const isKnown = (one: string) =>
      literals.has(one) || [...given].some((code) => code.endsWith('_') && one.startsWith(code));
    expect(given.size).toBeGreaterThan(25);
    expect(new Set(listed).size).toBe(listed.length);
    expect([...given].filter((code) => !isListed(code))).toEqual([]);
    expect(listed.filter((one) => !isKnown(one))).toEqual([]);
  });
});
