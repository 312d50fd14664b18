import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Cruised {
  modules: { source: string; dependencies: { resolved: string; dependencyTypes: string[] }[] }[];
  summary: {
    totalCruised: number;
    totalDependenciesCruised: number;
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string; comment: string }[] };
  };
}

const PROJECT = join(import.meta.dirname, '../..');

/**
 * What `npm run imports` sees, by the same program and rules (.dependency-cruiser.cjs). It passes over what it cannot
 * read: with a TypeScript compiler that it cannot load it finds no module at all, and nothing wrong with them.
 */
async function cruise(): Promise<Cruised> {
  const program = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';
  const rules = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...rules, 'src', 'migrations', 'seeds'], {
    cwd: PROJECT,
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Cruised;
}

describe('imports', () => {
  let cruised: Cruised;

  beforeAll(async () => {
    cruised = await cruise();
  });

  it('stay in their rooms', () => {
    const { violations, ruleSetUsed } = cruised.summary;
    const reasons = new Map(ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
    expect(violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}. ${reasons.get(rule.name)}`)).toEqual(
      [],
    );
  });

  it('were all looked at', () => {
    expect(cruised.summary.totalCruised).toBeGreaterThan(60);
    expect(cruised.summary.totalDependenciesCruised).toBeGreaterThan(200);
    const kinds = cruised.modules.flatMap(({ dependencies }) => dependencies.flatMap((each) => each.dependencyTypes));
    expect([...new Set(kinds)]).toEqual(expect.arrayContaining(['local', 'npm', 'core', 'type-only']));
    const seen = new Set(cruised.modules.map(({ source }) => source));
    const files = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' });
    const missed = files.filter((file) => file.endsWith('.ts') && !seen.has(`src/${file.replaceAll('\\', '/')}`));
    expect(missed).toEqual([]);
  });
});
