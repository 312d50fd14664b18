import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hostname, userInfo } from 'node:os';
import { buildProgram } from '../../src/commands/program.ts';
import { runCommandsOn } from '../../src/commands/with-app.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { nextRelease } from '../fleet/releases.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { freePort } from '../support/free-port.ts';
import { projectflow } from '../support/projectflow.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' }, tenantMigrations: nextRelease });
  runCommandsOn(app.nest);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  jest.restoreAllMocks();
  runCommandsOn(null);
  await app.stop();
});

const run = (...words: string[]) => buildProgram().parseAsync(['node', 'projectflow', ...words]);
const events = async (action: string) =>
  (await app.owner.query('SELECT * FROM public.operator_events WHERE action = $1 ORDER BY at', [action])).rows;

async function bare(): Promise<Tenant> {
  return ((await bareTenants(app, 1)) as [Tenant])[0];
}

describe('a command that changes something', () => {
  it('is on record before it is done, with who ran it where, and then with what became of it', async () => {
    const tenant = await bare();
    const tenants = app.nest.get(TenantsService);
    const suspend = tenants.suspend.bind(tenants);
    let meanwhile: unknown[] = [];
    const spy = jest.spyOn(tenants, 'suspend').mockImplementation(async (slug) => {
      meanwhile = await events('tenant.suspend');
      return suspend(slug);
    });
    await run('tenant', 'suspend', tenant.slug);
    spy.mockRestore();
    expect(meanwhile).toMatchObject([{ outcome: 'begun', target_id: tenant.id }]);
    expect(await events('tenant.suspend')).toMatchObject([
      {
        outcome: 'done',
        target_type: 'tenant',
        target_id: tenant.id,
        details: { command: 'tenant suspend', slug: tenant.slug },
        operator_id: null,
        os_user: userInfo().username,
        os_host: hostname(),
      },
    ]);
  });

  it('says why it was refused, and that it failed', async () => {
    const tenant = await bare();
    await expect(run('tenant', 'resume', 'nobody-here')).rejects.toThrow();
    await expect(run('tenant', 'purge', tenant.slug, '--confirm', tenant.slug)).rejects.toThrow(/tenant delete/);
    const spy = jest
      .spyOn(app.nest.get(TenantsService), 'rename')
      .mockRejectedValue(new TypeError('a mistake of ours'));
    await expect(run('tenant', 'rename', tenant.slug, '--name', 'Other')).rejects.toThrow('a mistake of ours');
    spy.mockRestore();
    expect(await events('tenant.resume')).toMatchObject([{ outcome: 'refused', target_id: 'nobody-here' }]);
    expect(await events('tenant.purge')).toMatchObject([{ outcome: 'refused', target_id: tenant.id }]);
    expect(await events('tenant.rename')).toMatchObject([
      { outcome: 'failed', details: { refused: 'a mistake of ours', name: 'Other' } },
    ]);
  });

  it('is not done when it cannot be recorded', async () => {
    const tenant = await bare();
    await app.owner.query('ALTER TABLE public.operator_events RENAME TO operator_events_away');
    try {
      await expect(run('tenant', 'delete', tenant.slug)).rejects.toThrow();
    } finally {
      await app.owner.query('ALTER TABLE public.operator_events_away RENAME TO operator_events');
    }
    expect((await app.nest.get(TenantsService).get(tenant.id)).status).toBe('active');
  });

  it('leaves no password and no address of a database there', async () => {
    await run(
      'tenant',
      'create',
      '--slug',
      'recorded',
      '--name',
      'R',
      '--email',
      'r@r.test',
      '--password',
      'hush, a long secret',
    );
    const url = `postgres://nobody:hush@127.0.0.1:${await freePort()}/nothing`;
    await expect(run('cluster', 'add', 'eu', '--url', url)).rejects.toThrow();
    const all = [...(await events('tenant.create')), ...(await events('cluster.add'))];
    expect(all).toMatchObject([{ outcome: 'done' }, { outcome: 'refused' }]);
    expect(JSON.stringify(all)).not.toContain('hush');
  });

  it('leaves no trace where it only reads', async () => {
    const { rows: before } = await app.owner.query('SELECT count(*) FROM public.operator_events');
    const tenant = await bare();
    for (const words of [
      ['tenant', 'list'],
      ['tenant', 'show', tenant.slug],
      ['tenant', 'move', tenant.slug],
      ['tenant', 'migrate', '--dry-run'],
      ['cluster', 'list'],
    ])
      await run(...words);
    expect((await app.owner.query('SELECT count(*) FROM public.operator_events')).rows).toEqual(before);
  });
});

describe('going back to an older version', () => {
  it('says what goes, asks for --confirm, and for --force below the release before', async () => {
    const tenant = await bare();
    const { rows } = await app.owner.query(
      `SELECT "timestamp"::float8 AS at FROM "${tenant.binding.schema}".migrations ORDER BY 1`,
    );
    const [first] = rows.map((row: { at: number }) => String(row.at)) as [string];
    const revert = (...more: string[]) => run('tenant', 'revert', '--to', first, '--tenant', tenant.slug, ...more);
    await expect(revert()).rejects.toThrow(/No release before this one[^]*--force/);
    await expect(revert('--confirm')).rejects.toThrow(/--force/);
    const printed = jest.mocked(process.stdout.write);
    printed.mockClear();
    await expect(revert('--force')).rejects.toThrow(/repeat this with --confirm/);
    expect(printed.mock.calls.join('')).toMatch(/1 tenants lose 1 tables with [1-9]\d* rows/);
    expect((await app.nest.get(TenantsService).get(tenant.id)).schemaVersion).toBe(tenant.schemaVersion);
    // As if a release at the first version had run here before.
    await app.owner.query(
      `UPDATE public.system_settings SET value = jsonb_build_array($1::bigint) || value WHERE key = 'releases'`,
      [first],
    );
    const told = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await revert('--confirm');
    expect(told.mock.calls.join('')).toMatch(/1 tenants lose/);
    told.mockRestore();
    expect(String((await app.nest.get(TenantsService).get(tenant.id)).schemaVersion)).toBe(first);
    expect(await events('fleet.revert')).toMatchObject([{ outcome: 'refused' }, { outcome: 'done' }]);
  });
});

describe('without its registry', () => {
  it('a command does nothing and says why, without a stack', async () => {
    const away = new URL(app.database.url);
    away.port = String(await freePort());
    const { code, stderr } = await projectflow(app, ['tenant', 'suspend', 'recorded'], {
      DATABASE_URL: away.toString(),
      START_PATIENCE_SECONDS: '0',
    });
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
