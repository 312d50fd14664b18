import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import ts from 'typescript';

const PROJECT = join(import.meta.dirname, '..');

interface Step {
  word: string;
  text: string;
}

interface Stage {
  base: string;
  name: string | undefined;
  steps: Step[];
}

/** One instruction a step: comments are left out, continued lines joined. */
function stagesOf(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of dockerfile
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')) {
    const [, word = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    const [base = '', as, name] = text.split(' ');
    if (word === 'FROM') stages.push({ base, name: as === 'AS' ? name : undefined, steps: [] });
    else if (word !== '') stages.at(-1)?.steps.push({ word, text });
  }
  return stages;
}

const stages = stagesOf(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
const names = stages.map((stage) => stage.name);
const runtime = stages.at(-1)!;
const scripts = (JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;
const of = (stage: Stage, word: string) => stage.steps.filter((step) => step.word === word).map((step) => step.text);
const textOf = (...path: string[]) => readFileSync(join(PROJECT, ...path), 'utf8');

/** The folder that an image has after its COPY steps, as it is called in the project. */
const copiedFromProject = (stage: Stage): string[] =>
  of(stage, 'COPY')
    .filter((text) => !text.startsWith('--from='))
    .flatMap((text) => text.split(' ').slice(0, -1));

describe('the Dockerfile', () => {
  it('names its stages and builds them on one another or on Node 24 with glibc', () => {
    expect(names).toEqual(['development', 'build', 'packages', 'runtime']);
    for (const [i, { base }] of stages.entries()) {
      if (!names.slice(0, i).includes(base)) expect(base).toBe('node:24-slim');
    }
  });

  it('copies only what there is, and what .dockerignore lets through', () => {
    const sources = stages.flatMap(copiedFromProject);
    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((source) => !existsSync(join(PROJECT, source)))).toEqual([]);
    const allowed = textOf('.dockerignore').split('\n');
    expect(allowed).toContain('*');
    expect(sources.filter((source) => !allowed.includes(`!${source}`))).toEqual([]);
    expect(allowed.filter((line) => line.startsWith('!') && !sources.includes(line.slice(1)))).toEqual([]);
  });

  it('copies from stages that come before', () => {
    for (const [i, stage] of stages.entries()) {
      const froms = of(stage, 'COPY').flatMap((text) => /^--from=(\S+)/.exec(text)?.[1] ?? []);
      expect(names.slice(0, i)).toEqual(expect.arrayContaining(froms));
    }
  });

  it('runs plain commands: npm scripts that exist, and what Debian has', () => {
    const commands = stages.flatMap((stage) => of(stage, 'RUN'));
    expect(commands.length).toBeGreaterThanOrEqual(4);
    for (const command of commands) {
      expect(command).toMatch(
        /^(npm ci( --omit=(dev|optional))*|npm run [a-z:]+|groupadd .+|useradd .+|install --directory .+)$/,
      );
      const script = /^npm run (\S+)$/.exec(command)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    }
  });

  it('installs everything to build with, and only what runs to run with', () => {
    expect(of(stages[0]!, 'RUN')).toEqual(['npm ci']);
    expect(of(stages[2]!, 'RUN')).toEqual(['npm ci --omit=dev --omit=optional']);
    expect(of(runtime, 'COPY').join('\n')).toContain('--from=packages /app/node_modules node_modules');
  });

  it('starts, in node and without npm, a file that the build emits', () => {
    const command = JSON.parse(of(runtime, 'CMD')[0]!) as string[];
    expect(command).toEqual(['node', 'dist/src/main.js']);
    // The shell gives way to node, so that a signal which npm passes on reaches it.
    expect(scripts['start']).toBe(`exec ${command.join(' ')}`);
    expect(scripts['build']).toBe('tsc -p tsconfig.build.json');
    const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.build.json'), (path) => readFileSync(path, 'utf8'));
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
    expect(fileNames.map((file) => file.replace(PROJECT, ''))).toContain('/src/main.ts');
    expect([options.rootDir, options.outDir]).toEqual([PROJECT, join(PROJECT, 'dist')]);
  });

  it('runs as a numbered user that is not root, made in the same stage', () => {
    expect(of(runtime, 'USER')).toEqual(['1001:1001']);
    expect(of(runtime, 'RUN')).toEqual([
      expect.stringMatching(/^groupadd --gid 1001 /),
      expect.stringMatching(/^useradd --uid 1001 --gid 1001 /),
      // The one folder that it may write to.
      expect.stringMatching(
        /^install --directory --owner=1001 --group=1001 --mode=0700 \/var\/lib\/projectflow\/files$/,
      ),
    ]);
    expect(of(runtime, 'VOLUME')).toEqual(['/var/lib/projectflow/files']);
    const user = runtime.steps.findIndex((step) => step.word === 'USER');
    expect(runtime.steps.slice(user).map((step) => step.word)).not.toContain('RUN');
  });

  it('asks the live check for its health', () => {
    const [check = ''] = of(runtime, 'HEALTHCHECK');
    const command = JSON.parse(check.slice(check.indexOf('['))) as string[];
    expect(command.slice(0, 2)).toEqual(['node', '-e']);
    expect(command[2]).toContain('/health/live');
    expect(() => new Script(command[2]!)).not.toThrow();
  });
});

describe('docker-compose.dev.yml', () => {
  const compose = textOf('docker-compose.dev.yml');

  it('builds a stage that there is, and mounts what there is', () => {
    expect(names).toContain(/target: (\S+)/.exec(compose)?.[1]);
    const mounts = [...compose.matchAll(/- \.\/(\S+):\/app\/(\S+):ro/g)].map(([, source, target]) => [
      source!,
      target!,
    ]);
    expect(mounts.length).toBeGreaterThan(3);
    for (const [source, target] of mounts) expect([source, existsSync(join(PROJECT, source!))]).toEqual([target, true]);
  });

  it('runs an npm script that there is', () => {
    expect(Object.keys(scripts)).toContain(/command: npm run (\S+)/.exec(compose)?.[1]);
  });
});
