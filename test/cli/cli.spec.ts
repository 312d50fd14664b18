import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startApp, TEST_KEY, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signIn, signUp } from '../support/tenant.ts';

const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** The command as an operator runs it: another process, on the database of the running app. */
function projectflow(...args: string[]): Promise<{ code: number; stdout: string; stderr: string; json: any }> {
  const otherKey = args[0] === '--key' ? { ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') } : {};
  if (args[0] === '--key') args.shift();
  const env = {
    ...process.env,
    DATABASE_URL: app.database.url,
    ENCRYPTION_KEY: TEST_KEY,
    TENANT_HOMES: '2',
    TENANT_CONNECTIONS: '8',
    ...otherKey,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
      const code = error ? Number(error.code) : 0;
      resolve({
        code,
        stdout,
        stderr,
        json: stdout.startsWith('{') || stdout.startsWith('[') ? JSON.parse(stdout) : null,
      });
    });
  });
}

describe('projectflow tenant', () => {
  it('creates a tenant whose owner can sign in with the password that was made', async () => {
    const made = await projectflow(
      '--json',
      'tenant',
      'create',
      '--slug',
      'from-cli',
      '--name',
      'From the CLI',
      '--email',
      'op@cli.test',
    );
    expect(made).toMatchObject({
      code: 0,
      stderr: '',
      json: { slug: 'from-cli', status: 'active', owner: { email: 'op@cli.test' } },
    });
    const visitor = new Client(app.url, { 'x-tenant-domain': 'from-cli' });
    const owner = await signIn(visitor, 'op@cli.test', made.json.owner.password);
    expectStatus(await owner.get('/projects'), 200);
  });

  it('says what is wrong and exits with 1', async () => {
    const taken = await projectflow(
      '--json',
      'tenant',
      'create',
      '--slug',
      'from-cli',
      '--name',
      'X',
      '--email',
      'op@cli.test',
    );
    expect(taken).toMatchObject({ code: 1, json: { error: { code: 'slug_taken' } } });
    const missing = await projectflow('tenant', 'show', 'nobody-here');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/no such organisation/);
    const short = await projectflow(
      'tenant',
      'create',
      '--slug',
      'abcd',
      '--name',
      'X',
      '--email',
      'op@cli.test',
      '--password',
      'short',
    );
    expect(short.code).toBe(1);
    expect(short.stderr).toMatch(/15 to 128 characters/);
    const wrong = await projectflow(
      '--json',
      'tenant',
      'create',
      '--slug',
      'abcd',
      '--name',
      ' ',
      '--email',
      'nobody',
      '--password',
      'x'.repeat(300),
    );
    expect(wrong).toMatchObject({ code: 1, json: { error: { code: 'validation_failed' } } });
    expect(wrong.json.error.details.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(['/name', '/admin/email', '/admin/password']),
    );
  });

  it('refuses another ENCRYPTION_KEY with a sentence, ends, and leaves the running server as it was', async () => {
    const tenant = await signUp(app, 'keyed');
    const refused = await projectflow('--key', 'tenant', 'list');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/ENCRYPTION_KEY is not the one[\s\S]*Nothing was changed/);
    expect(refused.stderr).not.toMatch(/\n\s+at /);
    expectStatus(await tenant.owner.get('/projects'), 200);
  });

  it('exits with 2 when the command is not understood', async () => {
    expect((await projectflow('tenant', 'explode')).code).toBe(2);
    expect((await projectflow('tenant', 'create')).code).toBe(2);
    expect((await projectflow('tenant', 'migrate', '--concurrency', 'many')).code).toBe(2);
  });

  it('lists and shows tenants', async () => {
    await signUp(app, 'listed');
    const list = await projectflow('--json', 'tenant', 'list', '--status', 'active');
    expect(list.json.map((tenant: any) => tenant.slug)).toEqual(expect.arrayContaining(['from-cli', 'listed']));
    expect((await projectflow('tenant', 'list')).stdout).toMatch(/^SLUG +STATUS/);
    const shown = await projectflow('--json', 'tenant', 'show', 'listed');
    expect(shown.json.ledgerVersion).toBe(shown.json.wantedVersion);
  });

  it('suspends and resumes a tenant of a running server', async () => {
    const tenant = await signUp(app, 'paused');
    expect((await projectflow('tenant', 'suspend', 'paused')).code).toBe(0);
    await eventually(async () => expect((await tenant.owner.get('/users/me')).error?.code).toBe('tenant_suspended'));
    expect((await projectflow('tenant', 'resume', 'paused')).code).toBe(0);
    await eventually(async () => expectStatus(await tenant.owner.get('/users/me'), 200));
  });

  it('migrates a tenant that is behind, tells the status before and after, and isolates a failure', async () => {
    const [behind, broken] = [await signUp(app, 'behind'), await signUp(app, 'broken')];
    for (const { slug } of [behind, broken]) {
      const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [slug]);
      const schema = rows[0].schema_name;
      // As if the newest migration had not been there yet; in the broken one its tables are in the way.
      if (slug === 'behind')
        await app.owner.query(
          `DROP SCHEMA "${schema}" CASCADE; CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".migrations (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`,
        );
      else await app.owner.query(`DELETE FROM "${schema}".migrations`);
      await app.owner.query('UPDATE public.tenants SET schema_version = 0 WHERE slug = $1', [slug]);
    }
    await eventually(async () =>
      expect(await behind.owner.get('/users/me')).toMatchObject({ status: 503, error: { code: 'tenant_unavailable' } }),
    );
    expect((await projectflow('--json', 'tenant', 'status')).json).toMatchObject({ behind: 2 });
    const dry = await projectflow('--json', 'tenant', 'migrate', '--dry-run');
    expect(dry).toMatchObject({ code: 0, json: { dryRun: true, migrated: 2, failed: 0 } });
    const real = await projectflow('--json', 'tenant', 'migrate');
    expect(real).toMatchObject({ code: 1, json: { migrated: 1, failed: 1 } });
    expect(real.json.tenants.find((one: any) => one.slug === 'broken').error).toMatch(/already exists/);
    expect((await projectflow('--json', 'tenant', 'status')).json).toMatchObject({ behind: 1 });
  });

  it('seeds again: a built-in role that was changed is as it should be', async () => {
    const tenant = await signUp(app, 'seeded');
    const { rows } = await app.owner.query(`SELECT schema_name FROM public.tenants WHERE slug = 'seeded'`);
    await app.owner.query(`UPDATE "${rows[0].schema_name}".roles SET grants = '{}' WHERE key = 'member'`);
    await projectflow('seed');
    const roles = await tenant.owner.get('/roles');
    expect(roles.data.find((role: any) => role.key === 'member').grants).toContain('task.read:member');
    expect(PASSWORD.length).toBeGreaterThanOrEqual(15);
  });
});
