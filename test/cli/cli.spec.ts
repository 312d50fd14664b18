import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { projectflow as run } from '../support/projectflow.ts';
import { signIn, signUp } from '../support/tenant.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const projectflow = (...args: string[]) => run(app, args);

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
    expect(short.stderr).toMatch(/at least 15 characters/);
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
    const refused = await run(app, ['tenant', 'list'], { ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') });
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

  it('seeds again: a built-in role that was changed is as it should be', async () => {
    const tenant = await signUp(app, 'seeded');
    const { rows } = await app.owner.query(`SELECT schema_name FROM public.tenants WHERE slug = 'seeded'`);
    await app.owner.query(`UPDATE "${rows[0].schema_name}".roles SET grants = '{}' WHERE key = 'member'`);
    await projectflow('seed');
    const roles = await tenant.owner.get('/roles');
    expect(roles.data.find((role: any) => role.key === 'member').grants).toContain('task.read:member');
  });
});
