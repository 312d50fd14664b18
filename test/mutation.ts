import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutation/mutant.ts';
import { MUTANTS } from './mutation/mutants.ts';

/**
 * Do the tests that guard the walls between tenants and between roles, and the doors of a sign-in, notice when one is gone? Each mutant takes one
 * away in a copy of the tree, and the test that is named beside it must turn red there. `npm run mutation [-- word]`
 * runs all, or those whose name holds the word; it ends with 1 when one survives.
 */
const PROJECT = join(import.meta.dirname, '..');

interface Outcome {
  /** What the tests that ran had to complain about, by their full names; nothing when they passed. */
  tests: Map<string, string[]>;
  output: string;
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}

/** A tree to break: everything that a story needs, with the packages of this one. */
async function copyTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'projectflow-mutation-'));
  const parts = ['src', 'test', 'migrations', 'seeds', 'package.json', 'tsconfig.json', 'jest.config.js'];
  for (const part of parts) await cp(join(PROJECT, part), join(copy, part), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function run(tree: string, spec: string, tests: string[]): Promise<Outcome> {
  const results = join(tree, 'results.json');
  await rm(results, { force: true });
  const names = tests.map((test) => test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', 'stories', '--runTestsByPath', spec];
  const only = ['--testNamePattern', `^(${names.join('|')}) ?$`, '--json', '--outputFile', results];
  const child = spawn(process.execPath, [...flags, ...jest, ...only], { cwd: tree });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const report = await readFile(results, 'utf8').catch(() => '{"testResults":[]}');
  const ran = (JSON.parse(report) as Report).testResults.flatMap((file) => file.assertionResults);
  const outcomes = ran.filter((test) => test.status === 'passed' || test.status === 'failed');
  return { tests: new Map(outcomes.map((test) => [test.fullName.trim(), test.failureMessages])), output };
}

/** Red means nothing where the test is red, or missing, without a mutant. */
async function demandGreen(tree: string, mutants: readonly Mutant[]): Promise<void> {
  for (const spec of new Set(mutants.map((mutant) => mutant.spec))) {
    const tests = [...new Set(mutants.filter((mutant) => mutant.spec === spec).map((mutant) => mutant.test))];
    const outcome = await run(tree, spec, tests);
    const wrong = tests.filter((test) => outcome.tests.get(test)?.length !== 0);
    if (wrong.length > 0) throw new Error(`not green without a mutant: ${wrong.join('; ')}\n${outcome.output}`);
  }
}

/** @throws when the text is not there, or is there twice: then the code has moved on, and the mutant must follow it */
async function mutantText(
  tree: string,
  { file, find, replace }: Mutant,
): Promise<{ original: string; changed: string }> {
  const original = await readFile(join(tree, file), 'utf8');
  const found = original.split(find).length - 1;
  if (found !== 1) throw new Error(`${file} holds this ${found} times instead of once: ${find}`);
  return { original, changed: original.replace(find, () => replace) };
}

async function runMutant(tree: string, mutant: Mutant): Promise<Outcome> {
  const { original, changed } = await mutantText(tree, mutant);
  await writeFile(join(tree, mutant.file), changed);
  try {
    return await run(tree, mutant.spec, [mutant.test]);
  } finally {
    await writeFile(join(tree, mutant.file), original);
  }
}

/** Of what Jest has to say, the line that tells what happened. */
function gist(complaint: string): string {
  const lines = complaint.replaceAll(/\u001b\[\d+m/g, '').split('\n');
  const received = lines.filter((line) => /^[+] +(?!Array|Object|Received)\S/.test(line)).map((line) => line.slice(1));
  return (received[0] ?? lines[0]!).trim().slice(0, 160);
}

async function main(word = ''): Promise<number> {
  const mutants = MUTANTS.filter((mutant) => mutant.name.includes(word));
  if (mutants.length === 0) throw new Error(`no mutant is called ${word}`);
  const tree = await copyTree();
  try {
    for (const mutant of mutants) await mutantText(tree, mutant);
    await demandGreen(tree, mutants);
    let survivors = 0;
    for (const mutant of mutants) {
      const started = performance.now();
      const outcome = await runMutant(tree, mutant);
      const complaints = outcome.tests.get(mutant.test) ?? [];
      const isRed = complaints.length > 0;
      if (!isRed) survivors += 1;
      const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5);
      console.log(`${isRed ? 'red     ' : 'SURVIVED'} ${seconds} s  ${mutant.name.padEnd(55)} ${mutant.test}`);
      if (isRed) console.log(`${' '.repeat(18)}${gist(complaints[0]!)}`);
      if (outcome.tests.size === 0) console.log(outcome.output);
    }
    console.log(
      `${mutants.length - survivors} of ${mutants.length} mutants were noticed by the test that is named for them`,
    );
    return survivors === 0 ? 0 : 1;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv[2]);
