import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, settings } from '../../src/platform/config/config.ts';

const PROJECT = join(import.meta.dirname, '../..');
const LINE = /^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/;

/** `# KEY=default` or `KEY=value`; everything else in the file is prose. */
const example = readFileSync(join(PROJECT, '.env.example'), 'utf8')
  .split('\n')
  .map((line) => LINE.exec(line))
  .filter((match) => match !== null)
  .map(([, key, value]) => [key, value] as [string, string]);

describe('.env.example', () => {
  it('names every setting once, and nothing else', () => {
    expect(example.length).toBeGreaterThan(15);
    expect(example.map(([key]) => key).sort()).toEqual(Object.keys(settings).sort());
  });

  it('shows the defaults as they are', () => {
    expect(loadConfig(Object.fromEntries(example))).toEqual(loadConfig({}));
  });

  it('explains each setting in the line above it', () => {
    const lines = readFileSync(join(PROJECT, '.env.example'), 'utf8').split('\n');
    const bare = lines.filter((line, i) => LINE.test(line) && !/^# \S.* .*[.]$/.test(lines[i - 1] ?? ''));
    expect(bare).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read in platform/config alone', () => {
    const files = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
    const readers = files.filter((file) => /process\s*(?:\?\.|\.|\[')\s*env\b/.test(codeOf(file)));
    expect(files.length).toBeGreaterThan(60);
    expect(readers).toContain('platform/config/config.ts');
    expect(readers.filter((file) => !file.startsWith('platform/config/'))).toEqual([]);
  });
});

/** Without comments, which may speak of it. */
function codeOf(file: string): string {
  return readFileSync(join(PROJECT, 'src', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
