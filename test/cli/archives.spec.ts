import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { projectflow as run, type CommandOutcome } from '../support/projectflow.ts';
import { signIn, signUp, type TestTenant } from '../support/tenant.ts';

const PATIENCE_MS = 120_000;

let app: TestApp;
let acme: TestTenant;
let folder: string;
let backup: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'projectflow-cli-'));
  backup = join(folder, 'acme.pft');
  app = await startApp();
  acme = await signUp(app, 'acme');
  await acme.project('Apollo');
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const projectflow = (...args: string[]) => run(app, args);
const file = (name: string) => join(folder, name);

/** Failed with one sentence and without a stack, exit code 1. */
function refused({ code, stdout, stderr }: CommandOutcome): string {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr.trim();
}

async function projectsOf(slug: string): Promise<string[]> {
  const owner = await signIn(new Client(app.url, { 'x-tenant-domain': slug }), acme.owner.email);
  return expectStatus(await owner.get('/projects'), 200).data.map(({ name }: { name: string }) => name);
}

describe('projectflow tenant backup, export and verify', () => {
  it(
    'write one file that nobody else may read, and check it',
    async () => {
      const written = await projectflow('--json', 'tenant', 'backup', 'acme', '--to', backup);
      expect(written).toMatchObject({ code: 0, stderr: '', json: { slug: 'acme', file: backup } });
      const { size, mode } = await stat(backup);
      expect(size).toBe(written.json.bytes);
      expect(mode & 0o077).toBe(0);
      const exported = await projectflow('tenant', 'export', 'acme', '--to', file('export.pft'));
      expect(exported).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/export\.pft: \d+ rows, \d+ bytes\.\n$/),
      });
      expect((await readdir(folder)).sort()).toEqual(['acme.pft', 'export.pft']);
      const whole = await projectflow('--json', 'tenant', 'verify', backup);
      expect(whole).toMatchObject({
        code: 0,
        json: { rows: written.json.rows, head: { facts: { slug: 'acme', secrets: true } } },
      });
      expect((await projectflow('tenant', 'verify', file('export.pft'))).stdout).toMatch(
        /is whole: \d+ rows, 0 files\.\n$/,
      );
    },
    PATIENCE_MS,
  );

  it(
    'say what is wrong, and leave what is there',
    async () => {
      await writeFile(file('precious'), 'mine');
      await writeFile(file('precious.part'), 'mine too');
      expect(refused(await projectflow('tenant', 'backup', 'acme', '--to', file('precious')))).toMatch(
        /is there already/,
      );
      expect(await readFile(file('precious'), 'utf8')).toBe('mine');
      expect(await readFile(file('precious.part'), 'utf8')).toBe('mine too');
      const nobody = await projectflow('--json', 'tenant', 'backup', 'nobody-here', '--to', file('new.pft'));
      expect(nobody).toMatchObject({ code: 1, json: { error: { code: 'tenant_not_found' } } });
      expect(refused(await projectflow('tenant', 'export', 'acme', '--to', file('none/x.pft')))).toMatch(
        /cannot be written/,
      );
      expect(refused(await projectflow('tenant', 'verify', file('none.pft')))).toMatch(/^There is no file/);
      expect(refused(await projectflow('tenant', 'verify', folder))).toMatch(/is a folder/);
      expect(refused(await projectflow('tenant', 'verify', file('precious')))).toMatch(/not an archive/);
      expect((await readdir(folder)).filter((name) => name.startsWith('new'))).toEqual([]);
    },
    PATIENCE_MS,
  );
});

describe('projectflow tenant import, clone and restore --from', () => {
  it(
    'make new tenants, and put one back to what it was',
    async () => {
      const imported = await projectflow(
        '--json',
        'tenant',
        'import',
        backup,
        '--slug',
        'imported',
        '--name',
        'Imported',
      );
      expect(imported).toMatchObject({
        code: 0,
        json: { slug: 'imported', name: 'Imported', status: 'active', cluster: 'main' },
      });
      expect(await projectsOf('imported')).toEqual(['Apollo']);
      const cloned = await projectflow('tenant', 'clone', 'acme', '--slug', 'cloned');
      expect(cloned).toMatchObject({ code: 0, stdout: 'cloned is ready, on main.\n' });
      expect(await projectsOf('cloned')).toEqual(['Apollo']);
      await acme.project('Gemini');
      const restored = await projectflow('tenant', 'restore', 'acme', '--from', backup);
      expect(restored.code).toBe(0);
      expect(restored.stdout).toMatch(
        /^acme is as it was at .* rows\. It was not served for \d+ ms\.\n.*tenant move acme --confirm\n$/,
      );
      await eventually(async () => expect(await projectsOf('acme')).toEqual(['Apollo']));
      const moves = await projectflow('--json', 'tenant', 'move', 'acme');
      expect(moves.json).toMatchObject([{ slug: 'acme', reason: 'restore', state: 'switched' }]);
      expect((await projectflow('tenant', 'move', 'acme', '--confirm')).stdout).toBe(
        'The old copy of acme is removed.\n',
      );
      expect(refused(await projectflow('tenant', 'move', 'acme', '--confirm'))).toMatch(/No old copy of acme/);
      expect(await projectsOf('acme')).toEqual(['Apollo']);
    },
    PATIENCE_MS,
  );

  it(
    'say what is wrong and make nothing',
    async () => {
      expect(refused(await projectflow('tenant', 'import', file('none.pft'), '--slug', 'fresh'))).toMatch(
        /^There is no file/,
      );
      expect(refused(await projectflow('tenant', 'restore', 'acme', '--from', file('none.pft')))).toMatch(
        /^There is no file/,
      );
      expect(refused(await projectflow('tenant', 'restore', 'acme', '--from', file('export.pft')))).toMatch(
        /nobody could sign in/,
      );
      const broken = (await readFile(backup)).subarray(0, -100);
      await writeFile(file('broken.pft'), broken);
      expect(refused(await projectflow('tenant', 'import', file('broken.pft'), '--slug', 'fresh'))).toMatch(
        /ends too early/,
      );
      expect(refused(await projectflow('tenant', 'restore', 'acme', '--from', file('broken.pft')))).toMatch(
        /ends too early/,
      );
      const outcomes = await Promise.all(
        [
          ['import', backup, '--slug', 'acme'],
          ['import', backup, '--slug', 'fresh', '--plan', 'gold'],
          ['clone', 'nobody-here', '--slug', 'fresh'],
          ['restore', 'nobody-here', '--from', backup],
        ].map((args) => projectflow('--json', 'tenant', ...args)),
      );
      expect(outcomes.map(({ code, json }) => [code, json.error.code])).toEqual([
        [1, 'slug_taken'],
        [1, 'plan_not_found'],
        [1, 'tenant_not_found'],
        [1, 'tenant_not_found'],
      ]);
      expect((await new Client(app.url).get('/tenants/availability?slug=fresh')).data.available).toBe(true);
      expect(await projectsOf('acme')).toEqual(['Apollo']);
    },
    PATIENCE_MS,
  );
});
