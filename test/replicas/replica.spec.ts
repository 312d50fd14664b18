import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFile, chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import type { TenantContext } from '../../src/platform/tenancy/tenant-context.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

/** Without autovacuum no file comes and goes while the folder is copied. */
const SETTINGS = {
  autovacuum: 'off',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '100',
};

let folder: string;
let primary: EmbeddedPostgres;
let standby: EmbeddedPostgres;
/** A superuser on each, to look behind the product. */
let onPrimary: pg.Client;
let onStandby: pg.Client;
let app: TestApp;
let acme: TestTenant;
let globex: TestTenant;
let project: { id: string };

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Copies the primary while it runs, by the low-level protocol: only this needs no program beside the server's own. */
async function startStandby(dataDir: string): Promise<EmbeddedPostgres> {
  await onPrimary.query(`SELECT pg_backup_start('standby', fast => true)`);
  await cp(primary.dataDir, dataDir, { recursive: true, preserveTimestamps: true });
  const { rows } = await onPrimary.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  const cluster = join(dataDir, 'postgres');
  for (const left of ['postmaster.pid', 'postmaster.opts']) await rm(join(cluster, left), { force: true });
  const { username, password, port } = new URL(primary.url);
  await writeFile(join(cluster, 'backup_label'), rows[0]!.labelfile);
  await writeFile(join(cluster, 'standby.signal'), '');
  await appendFile(
    join(cluster, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${password}'\n`,
  );
  return startEmbeddedPostgres({ dataDir, settings: SETTINGS });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'projectflow-replica-'));
  // As root, the servers run as another user, who must be able to enter.
  await chmod(folder, 0o755);
  primary = await startEmbeddedPostgres({ dataDir: join(folder, 'primary'), settings: SETTINGS });
  onPrimary = await connect(primary.url);
  standby = await startStandby(join(folder, 'standby'));
  onStandby = await connect(standby.url);
  app = await startApp({
    settings: { DATABASE_REPLICA_URL: standby.url },
    database: { url: primary.url, name: 'replicated', drop: () => Promise.resolve() },
  });
  [acme, globex] = [await signUp(app), await signUp(app)];
  project = await acme.project('Apollo');
  await acme.task(project.id);
}, 120_000);
afterAll(async () => {
  await app?.stop();
  for (const client of [onPrimary, onStandby]) await client?.end().catch(() => undefined);
  await standby?.stop();
  await primary?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const taskCount = async (): Promise<number> =>
  expectStatus(await acme.owner.get(`/projects/${project.id}/metrics`), 200).data.tasks.total;

const listed = async (): Promise<number> =>
  expectStatus(await acme.owner.get(`/projects/${project.id}/tasks`), 200).data.length;

async function contextOf(of: TestApp, tenant: TestTenant): Promise<TenantContext> {
  return of.nest.get(TenantContexts).open((await of.nest.get(TenantDirectory).findById(tenant.id))!);
}

describe('with a streaming replica', () => {
  it('figures come from the replica, and everything else from the primary', async () => {
    await eventually(async () => expect(await taskCount()).toBe(1));
    await onStandby.query('SELECT pg_wal_replay_pause()');
    await eventually(async () => {
      const { rows } = await onStandby.query('SELECT pg_get_wal_replay_pause_state() AS state');
      expect(rows).toEqual([{ state: 'paused' }]);
    });
    await acme.task(project.id);
    expect(await listed()).toBe(2);
    expect(await taskCount()).toBe(1);
    await onStandby.query('SELECT pg_wal_replay_resume()');
    await eventually(async () => expect(await taskCount()).toBe(2));
  });

  it('a statement there runs under the role of its own tenant, reads no other’s rows and writes nothing', async () => {
    const ctx = await contextOf(app, acme);
    const { binding } = ctx.tenant;
    const other = (await contextOf(app, globex)).tenant.binding;
    await ctx.onReplica(async (replica) => {
      const rows = await replica.query<{ role: string; standby: boolean; people: number }>(
        `SELECT current_user::text AS role, pg_is_in_recovery() AS standby, (SELECT count(*)::int FROM "@tenant".users) AS people`,
      );
      expect(rows).toEqual([{ role: binding.role, standby: true, people: 1 }]);
      await expect(replica.query('SELECT 1 FROM platform.outbox')).rejects.toThrow(/permission denied/);
      await expect(replica.query('SELECT count(*) FROM public.tenants')).rejects.toThrow(/permission denied/);
      await expect(replica.query(`SELECT 1 FROM "${other.schema}".users`)).rejects.toThrow();
      await expect(replica.query(`DELETE FROM "@tenant".tasks`)).rejects.toThrow(/read-only/);
    });
    expect(await listed()).toBe(2);
  });

  it('the login of a home reaches nothing there without a tenant’s role', async () => {
    const { rows } = await onStandby.query<{ logins: string[] }>(
      `SELECT array_agg(DISTINCT usename::text) AS logins FROM pg_stat_activity WHERE datname = 'projectflow' AND application_name LIKE 'projectflow%'`,
    );
    expect(rows[0]!.logins.length).toBeGreaterThan(0);
    for (const login of rows[0]!.logins) expect(login).toMatch(/^pf_[0-9a-f]{8}_home_\d+$/);
  });

  it('figures come from the primary while the replica is away', async () => {
    await onStandby.end();
    await standby.stop();
    await acme.task(project.id);
    expect(await taskCount()).toBe(3);
    expect(await listed()).toBe(3);
  });
});

describe('without a replica', () => {
  it('a read for it is done where everything else is, on the same connection and with no statement more', async () => {
    const plain = await startApp();
    try {
      const tenant = await signUp(plain);
      const ctx = await contextOf(plain, tenant);
      expect(await ctx.onReplica((replica) => Promise.resolve(replica === ctx))).toBe(true);
      await ctx.transaction(async (tx) => {
        expect(await tx.onReplica((replica) => Promise.resolve(replica === tx))).toBe(true);
      });
    } finally {
      await plain.stop();
    }
  });
});
