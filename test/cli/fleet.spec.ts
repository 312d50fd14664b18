import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startApp, TEST_KEY, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { expectStatus } from '../support/client.ts';
import { signUp } from '../support/tenant.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(PROJECT, 'dist/src/cli.js');

let app: TestApp;
let second: TestDatabase;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
  second = await createDatabase();
});
afterAll(async () => {
  await second.drop();
  await app.stop();
});

const environment = () => ({
  ...process.env,
  DATABASE_URL: app.database.url,
  ENCRYPTION_KEY: TEST_KEY,
  TENANT_HOMES: '2',
  TENANT_CONNECTIONS: '8',
});

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
  json: any;
}

function projectflow(...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env: environment() }, (error, stdout, stderr) => {
      const json: unknown = /^[[{]/.test(stdout) ? JSON.parse(stdout) : null;
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr, json });
    });
  });
}

function begin(...args: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { env: environment(), stdio: 'ignore' });
}

/** As if the release before had made it: without its newest migrations, which is all of them, and empty. */
async function setBack(slug: string): Promise<string> {
  const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [slug]);
  const schema: string = rows[0].schema_name;
  const { rows: tables } = await app.owner.query(
    `SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'`,
    [schema],
  );
  await app.owner.query(
    `DROP TABLE ${tables.map(({ tablename }: { tablename: string }) => `"${schema}"."${tablename}"`).join(', ')} CASCADE`,
  );
  await app.owner.query(`DELETE FROM "${schema}".migrations`);
  await app.owner.query('UPDATE public.tenants SET schema_version = 0 WHERE slug = $1', [slug]);
  return schema;
}

describe('projectflow tenant migrate', () => {
  it('tells what it would do, does it, and exits with 1 when somebody failed', async () => {
    const [good, bad] = await bareTenants(app, 2);
    await setBack(good!.slug);
    const schema = await setBack(bad!.slug);
    await app.owner.query(`CREATE TABLE "${schema}".users ()`);

    expect((await projectflow('--json', 'tenant', 'status')).json).toMatchObject({ behind: 2, failed: [] });
    const dry = await projectflow('tenant', 'migrate', '--dry-run', '--tenant', good!.slug);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      /-- For a tenant at version 0:[^]*CREATE TABLE "@tenant"\.users[^]*1 tenants would be changed/,
    );
    expect((await projectflow('--json', 'tenant', 'status')).json).toMatchObject({ behind: 2 });

    const run = await projectflow('--json', 'tenant', 'migrate');
    expect(run).toMatchObject({ code: 1, json: { done: 1, failed: [{ slug: bad!.slug }], stopped: null, left: 0 } });
    const status = await projectflow('tenant', 'status');
    expect(status.stdout).toMatch(new RegExp(`1 of 2 tenants are behind[^]*${bad!.slug}  failed: .*already exists`));

    await app.owner.query(`DROP TABLE "${schema}".users`);
    const again = await projectflow('migrate');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/1 brought to \d+, 0 failed, 0 left/);
    expect((await projectflow('tenant', 'status')).stdout).toMatch(/All 2 tenants are at/);
  });

  it('refuses a slug that nobody has', async () => {
    const { code, stderr } = await projectflow('tenant', 'migrate', '--tenant', 'no-such-tenant');
    expect(code).toBe(1);
    expect(stderr).toMatch(/There is no tenant no-such-tenant/);
  });

  it('does not understand a share of nobody, or of more than all', async () => {
    for (const share of ['0', '101%']) expect((await projectflow('tenant', 'migrate', '--canary', share)).code).toBe(2);
  });

  it('ends in order when it is interrupted, with exit code 1 and nothing held', async () => {
    const tenants = await bareTenants(app, 3);
    const schemas = [];
    for (const { slug } of tenants) schemas.push(await setBack(slug));
    const report = new pg.Client({ connectionString: app.database.url });
    await report.connect();
    await report.query(`BEGIN; LOCK TABLE ${schemas.map((schema) => `"${schema}".migrations`).join(', ')}`);
    try {
      const child = begin('tenant', 'migrate', '--concurrency', '1');
      const exit = once(child, 'exit');
      await eventually(async () => {
        const { rows } = await app.owner.query(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'projectflow fleet' AND wait_event_type = 'Lock'`,
        );
        expect(rows.length).toBeGreaterThan(0);
      }, 20_000);
      child.kill('SIGINT');
      expect(await exit).toEqual([1, null]);
    } finally {
      await report.query('ROLLBACK');
      await report.end();
    }
    const { rows } = await app.owner.query('SELECT 1 FROM public.tenants WHERE migration_holder IS NOT NULL');
    expect(rows).toEqual([]);
    expect(await projectflow('--json', 'tenant', 'migrate')).toMatchObject({ code: 0, json: { done: 3, left: 0 } });
  });
});

describe('projectflow cluster and tenant move', () => {
  it('adds a database, moves there, and brings back whom a killed mover left', async () => {
    expect(await projectflow('cluster', 'add', 'second', '--url', second.url, '--plans', 'pro')).toMatchObject({
      code: 0,
    });
    const wrong = await projectflow('cluster', 'add', 'third', '--url', 'postgres://nobody@127.0.0.1:1/nothing');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/does not answer/);
    expect((await projectflow('cluster', 'list')).stdout).toMatch(/^NAME[^]*main[^]*second +pro +0\/2000 +open/);

    const tenant = await signUp(app);
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [tenant.slug]);
    const writer = new pg.Client({ connectionString: app.database.url });
    await writer.connect();
    // Somebody who is still writing is waited for; the mover is killed while it does.
    await writer.query(`BEGIN; LOCK TABLE "${rows[0].schema_name}".users IN ROW EXCLUSIVE MODE`);
    try {
      const mover = begin('tenant', 'move', tenant.slug, '--to', 'second');
      const exit = once(mover, 'exit');
      await eventually(async () => expectStatus(await tenant.owner.get('/users/me'), 503), 20_000);
      const alive = await projectflow('--json', 'tenant', 'doctor');
      expect(alive.json.findings).toEqual([]);
      mover.kill('SIGKILL');
      await exit;
    } finally {
      await writer.query('ROLLBACK');
      await writer.end();
    }
    const found = await projectflow('--json', 'tenant', 'doctor');
    expect(found).toMatchObject({ code: 1, json: { findings: [{ kind: 'move_unfinished', subject: tenant.slug }] } });
    expect(await projectflow('tenant', 'doctor', '--fix')).toMatchObject({ code: 0 });
    expect((await projectflow('tenant', 'doctor')).stdout).toMatch(/all is well/);
    await eventually(async () => expectStatus(await tenant.owner.get('/users/me'), 200));

    expect((await projectflow('tenant', 'move', tenant.slug, '--to', 'second')).stdout).toMatch(
      /moved from main to second/,
    );
    await eventually(async () => expectStatus(await tenant.owner.post('/projects', { name: 'There' }), 201));
    expect((await projectflow('tenant', 'move', tenant.slug)).stdout).toMatch(/switched {2}main -> second[^]*undone/);
    const used = await projectflow('cluster', 'remove', 'second');
    expect(used.code).toBe(1);
    expect(used.stderr).toMatch(/1 tenants live there/);
    expect((await projectflow('tenant', 'move', tenant.slug, '--confirm')).code).toBe(0);
    expect((await projectflow('tenant', 'doctor')).stdout).toMatch(/all is well/);
  }, 90_000);
});

describe('projectflow migration', () => {
  it('finds nothing to object to in the product', async () => {
    expect(await projectflow('migration', 'lint')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/, 0 problems/),
    });
  });

  it('creates one that compiles and is entered', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'projectflow-migration-'));
    const run = (...args: string[]) =>
      new Promise<{ code: number; out: string }>((resolve) =>
        execFile(process.execPath, args, { cwd: copy }, (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code) : 0, out: stdout + stderr }),
        ),
      );
    try {
      for (const part of ['migrations', 'package.json', 'tsconfig.json'])
        await cp(join(PROJECT, part), join(copy, part), { recursive: true });
      await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
      const kinds = ['tenant', 'registry', 'cluster'];
      for (const kind of kinds)
        expect((await run(CLI, 'migration', 'create', 'add-reminders', '--for', kind)).code).toBe(0);
      for (const kind of kinds)
        expect(await readFile(join(copy, 'migrations', kind, 'index.ts'), 'utf8')).toMatch(/, AddReminders\d{13}\];/);
      const settings = { extends: './tsconfig.json', include: ['migrations'], compilerOptions: { noEmit: true } };
      await writeFile(join(copy, 'tsconfig.copy.json'), JSON.stringify(settings));
      const compiled = await run(join(PROJECT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.copy.json');
      expect(compiled).toEqual({ code: 0, out: '' });
      expect((await run(CLI, 'migration', 'create', 'Add Reminders')).code).toBe(1);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }, 60_000);
});
