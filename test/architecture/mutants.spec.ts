import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Mutant } from '../mutation/mutant.ts';
import { MUTANTS } from '../mutation/mutants.ts';

/**
 * `npm run mutation` takes long, so it is run seldom. What it needs is looked at here each time: a mutant whose text has
 * gone, or whose test has another name by now, takes no wall away and proves nothing.
 */
const PROJECT = join(import.meta.dirname, '../..');

/** What stands in a title until the test runs: `%s` and `$name` of a table, and whatever a template or an expression gives. */
const ANYTHING = '.+';

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The titles that a text can become, as a pattern. `isTable`: the values of a row are put into it. */
function patternOf(text: string, isTable: boolean): string {
  const parts = isTable ? text.split(/%[a-zA-Z]|\$#|\$[a-zA-Z_][\w.]*/) : [text];
  // A row need not have every value that its title names.
  return parts.map(escaped).join('.*');
}

function titlePattern(title: ts.Expression | undefined, isTable: boolean): string {
  if (title && ts.isStringLiteralLike(title)) return patternOf(title.text, isTable);
  if (!title || !ts.isTemplateExpression(title)) return ANYTHING;
  const texts = [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)];
  return texts.map((text) => patternOf(text, isTable)).join('.*');
}

/** The block or test that a call declares: `it(...)`, `describe.each(...)(...)`; null for any other call. */
function declared(call: ts.CallExpression): { isTest: boolean; isTable: boolean } | null {
  const isTable = ts.isCallExpression(call.expression);
  const callee = ts.isCallExpression(call.expression) ? call.expression.expression : call.expression;
  const [name, ...modifiers] = callee.getText().split('.');
  if ((name !== 'it' && name !== 'describe') || modifiers.some((modifier) => modifier !== 'each')) return null;
  return isTable === modifiers.includes('each') ? { isTest: name === 'it', isTable } : null;
}

/** The full names that the tests of a spec can have. */
function fullNames(spec: string): RegExp[] {
  const source = ts.createSourceFile(spec, readFileSync(join(PROJECT, spec), 'utf8'), ts.ScriptTarget.ESNext, true);
  const names: RegExp[] = [];
  const walk = (node: ts.Node, around: readonly string[]): void => {
    const block = ts.isCallExpression(node) ? declared(node) : null;
    if (!block) return ts.forEachChild(node, (child) => walk(child, around));
    const { arguments: given } = node as ts.CallExpression;
    const titles = [...around, titlePattern(given[0], block.isTable)];
    if (block.isTest) names.push(new RegExp(`^${titles.join(' ')} ?$`, 'u'));
    else for (const each of given.slice(1)) walk(each, titles);
  };
  walk(source, []);
  return names;
}

const namesOf = new Map<string, RegExp[]>();
function canRun({ spec, test }: Mutant): boolean {
  const names = namesOf.get(spec) ?? fullNames(spec);
  namesOf.set(spec, names);
  return names.some((name) => name.test(test));
}

describe('a mutant', () => {
  it('was found, many times over, each under a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThan(90);
    const names = MUTANTS.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('takes away what stands in its file exactly once', () => {
    const stale = MUTANTS.map(({ name, file, find, replace }) => {
      const times = existsSync(join(PROJECT, file))
        ? readFileSync(join(PROJECT, file), 'utf8').split(find).length - 1
        : 0;
      return { name, file, times, isChange: find !== replace };
    }).filter(({ times, isChange }) => times !== 1 || !isChange);
    expect(stale).toEqual([]);
  });

  it('has a spec with the test that shall notice it', () => {
    const lost = MUTANTS.filter((mutant) => !existsSync(join(PROJECT, mutant.spec)) || !canRun(mutant));
    expect(lost.map(({ name, spec, test }) => ({ name, spec, test }))).toEqual([]);
  });

  it('would be told from one whose test is called otherwise', () => {
    const believed = MUTANTS.filter((mutant) => canRun({ ...mutant, test: mutant.test.replace(' ', ' not ') }));
    expect(believed.map(({ name }) => name)).toEqual([]);
  });
});
