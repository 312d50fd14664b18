import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { FleetService } from '../../src/fleet/fleet.service.ts';
import { TenantClaims } from '../../src/fleet/tenant-claims.service.ts';
import type { FleetOptions } from '../../src/fleet/fleet.types.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { expectStatus } from '../support/client.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { SchemaMigrations } from '../../src/platform/database/schema-migrations.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { fingerprints } from '../../src/platform/database/schema-fingerprint.ts';
import { eventually } from '../support/eventually.ts';
import { signUp } from '../support/tenant.ts';
import { nextRelease, NEXT, PRODUCT, WRITTEN } from './releases.ts';

/** No background work and nothing kept ready: what happens to a schema is what the test does. */
const QUIET = { READY_POOL_SIZE: '0', WORKER: 'false' };
const RUN = { work: { kind: 'migrate' }, concurrency: 2, maxFailures: 20, maxLag: 10 } satisfies FleetOptions;
const BACK = { ...RUN, work: { kind: 'revert', to: PRODUCT } } satisfies FleetOptions;

let old: TestApp;
let next: TestApp;
let fleet: FleetService;
beforeAll(async () => {
  old = await startApp({ settings: QUIET });
  next = await startApp({ settings: QUIET, database: old.database, tenantMigrations: nextRelease });
  fleet = next.nest.get(FleetService);
});
afterAll(async () => {
  await next.stop();
  await old.stop();
});

async function journal({ binding }: Tenant): Promise<string[]> {
  const { rows } = await old.owner.query<{ entry: string }>(
    `SELECT entry FROM "${binding.schema}".journal ORDER BY id`,
  );
  return rows.map((row) => row.entry);
}

async function registryOf(tenant: Tenant) {
  const { rows } = await old.owner.query<{
    version: number;
    error: string | null;
    holder: string | null;
    wanted: Date | null;
  }>(
    `SELECT schema_version::float8 AS version, migration_error AS error, migration_holder AS holder, migration_wanted_at AS wanted
       FROM public.tenants WHERE id = $1`,
    [tenant.id],
  );
  return rows[0]!;
}

async function ledgerOf({ binding }: Tenant): Promise<number> {
  const { rows } = await old.owner.query<{ version: number }>(
    `SELECT max("timestamp")::float8 AS version FROM "${binding.schema}".migrations`,
  );
  return rows[0]!.version;
}

async function marks(tenants: Tenant[]): Promise<Set<string>> {
  const client = await old.owner.connect();
  try {
    const found = await fingerprints(
      client,
      tenants.map(({ binding }) => binding.schema),
    );
    expect(found.size).toBe(tenants.length);
    return new Set(found.values());
  } finally {
    client.release();
  }
}

const slugsOf = (tenants: Tenant[]) => tenants.map(({ slug }) => slug);

/** A table that the newest migration makes is in the way. */
async function obstruct({ binding }: Tenant): Promise<() => Promise<unknown>> {
  await old.owner.query(`ALTER TABLE "${binding.schema}".users ADD COLUMN nickname text`);
  return () => old.owner.query(`ALTER TABLE "${binding.schema}".users DROP COLUMN nickname`);
}

describe('a run', () => {
  it('brings everybody who is behind to the version, and registry and ledgers agree', async () => {
    const tenants = await bareTenants(old, 5);
    expect(await fleet.status()).toMatchObject({ wantedVersion: NEXT, behind: 5 });
    const progress: number[] = [];
    const outcome = await fleet.run({ ...RUN, onProgress: ({ done }) => progress.push(done) });
    expect(outcome).toMatchObject({ target: NEXT, total: 5, done: 5, failed: [], stopped: null, left: 0 });
    expect(progress.at(0)).toBe(0);
    expect(progress.at(-1)).toBe(5);
    for (const tenant of tenants) {
      expect(await registryOf(tenant)).toEqual({ version: NEXT, error: null, holder: null, wanted: null });
      expect(await ledgerOf(tenant)).toBe(NEXT);
      expect(await journal(tenant)).toEqual(WRITTEN);
    }
    expect(await fleet.status()).toMatchObject({ behind: 0, atWork: 0 });
    expect(await fleet.run(RUN)).toMatchObject({ total: 0, done: 0 });
  });

  it('shares the work with another one, and nobody is migrated twice', async () => {
    const tenants = await bareTenants(old, 12);
    const [one, other] = await Promise.all([fleet.run(RUN), fleet.run(RUN)]);
    expect(one.done + other.done).toBe(12);
    expect([one.failed, other.failed]).toEqual([[], []]);
    for (const tenant of tenants) expect(await journal(tenant)).toEqual(WRITTEN);
  });

  it('leaves a failure its own: the others are done, it is told, and tried again by the next run', async () => {
    const [good, bad, alsoGood] = (await bareTenants(old, 3)) as [Tenant, Tenant, Tenant];
    const clear = await obstruct(bad);
    const outcome = await fleet.run(RUN);
    expect(outcome).toMatchObject({ done: 2, failed: [{ slug: bad.slug }], stopped: null, left: 0 });
    expect(outcome.failed[0]!.error).toMatch(/"nickname".*already exists/);
    expect(await journal(good)).toEqual(WRITTEN);
    expect(await journal(alsoGood)).toEqual(WRITTEN);
    expect(await ledgerOf(bad)).toBe(PRODUCT);
    expect(await fleet.status()).toMatchObject({ behind: 1, failed: [{ slug: bad.slug }] });
    await clear();
    expect(await fleet.run(RUN)).toMatchObject({ done: 1, failed: [] });
    expect(await fleet.status()).toMatchObject({ behind: 0, failed: [] });
  });

  it('tries again when a lock is not to be had, and blocks no reader meanwhile', async () => {
    const [busy, free] = (await bareTenants(old, 2)) as [Tenant, Tenant];
    const report = new pg.Client({ connectionString: old.database.url });
    await report.connect();
    await report.query(`BEGIN; LOCK TABLE "${busy.binding.schema}".users IN ACCESS SHARE MODE`);
    const running = fleet.run(RUN);
    try {
      await eventually(async () => expect(await journal(free)).toEqual(WRITTEN));
      // Waits behind the migration for as long as that waits for its lock, and no longer.
      const reader = await old.owner.connect();
      try {
        await reader.query('BEGIN');
        await reader.query(`SET LOCAL lock_timeout = '4s'; SELECT count(*) FROM "${busy.binding.schema}".users`);
        await reader.query('ROLLBACK');
      } finally {
        reader.release();
      }
    } finally {
      await report.query('ROLLBACK');
      await report.end();
    }
    expect(await running).toMatchObject({ done: 2, failed: [] });
    expect(await journal(busy)).toEqual(WRITTEN);
  });

  it('reports a lock that is never to be had, with the others done', async () => {
    const [busy, free] = (await bareTenants(old, 2)) as [Tenant, Tenant];
    const report = new pg.Client({ connectionString: old.database.url });
    await report.connect();
    await report.query(`BEGIN; LOCK TABLE "${busy.binding.schema}".users IN ACCESS SHARE MODE`);
    try {
      const outcome = await fleet.run(RUN);
      expect(outcome).toMatchObject({ done: 1, failed: [{ slug: busy.slug }] });
      expect(outcome.failed[0]!.error).toMatch(/lock timeout/);
    } finally {
      await report.query('ROLLBACK');
      await report.end();
    }
    expect(await journal(free)).toEqual(WRITTEN);
    expect(await fleet.run(RUN)).toMatchObject({ done: 1, failed: [] });
  });

  it('ends with a canary that fails, and goes on after canaries that do not', async () => {
    const tenants = await bareTenants(old, 6);
    const clears = await Promise.all(tenants.map(obstruct));
    const stopped = await fleet.run({ ...RUN, canary: { count: 2 } });
    expect(stopped).toMatchObject({ done: 0, stopped: 'canary', left: 4 });
    expect(stopped.failed).toHaveLength(2);
    await Promise.all(clears.map((clear) => clear()));
    const phases = new Set<string>();
    const whole = await fleet.run({ ...RUN, canary: { percent: 34 }, onProgress: ({ phase }) => phases.add(phase) });
    expect(whole).toMatchObject({ done: 6, stopped: null, left: 0 });
    expect([...phases].sort()).toEqual(['canary', 'fleet']);
  });

  it('begins nobody after too many failures, and releases those it had taken', async () => {
    const tenants = await bareTenants(old, 8);
    const clears = await Promise.all(tenants.map(obstruct));
    const outcome = await fleet.run({ ...RUN, maxFailures: 3 });
    expect(outcome).toMatchObject({ done: 0, stopped: 'failures' });
    // One more may have been at work when the third failed.
    expect([3, 4]).toContain(outcome.failed.length);
    expect(outcome.left).toBe(8 - outcome.failed.length);
    for (const tenant of tenants) expect((await registryOf(tenant)).holder).toBeNull();
    await Promise.all(clears.map((clear) => clear()));
    expect(await fleet.run(RUN)).toMatchObject({ done: 8 });
  });

  it('concerns only those that are named', async () => {
    const [one, other] = (await bareTenants(old, 2)) as [Tenant, Tenant];
    expect(await fleet.count({ work: RUN.work, slugs: [one.slug] })).toBe(1);
    expect(await fleet.run({ ...RUN, slugs: [one.slug] })).toMatchObject({ total: 1, done: 1 });
    expect((await registryOf(other)).version).toBe(PRODUCT);
    expect(await fleet.run(RUN)).toMatchObject({ done: 1 });
  });

  it('ends after those at work when it is told to', async () => {
    const tenants = await bareTenants(old, 10);
    const stopping = new AbortController();
    const outcome = await fleet.run({
      ...RUN,
      signal: stopping.signal,
      onProgress: ({ done }) => done >= 2 && stopping.abort(),
    });
    expect(outcome.stopped).toBe('signal');
    expect(outcome.left).toBeGreaterThan(0);
    expect(outcome.done + outcome.left).toBe(10);
    for (const tenant of tenants) expect((await registryOf(tenant)).holder).toBeNull();
    expect(await fleet.run(RUN)).toMatchObject({ done: outcome.left });
  });

  it('leaves alone who is being made, moved or purged', async () => {
    const tenants = await bareTenants(old, 4);
    const [moved, making, purged, hidden] = tenants as [Tenant, Tenant, Tenant, Tenant];
    const set = (tenant: Tenant, change: string) =>
      old.owner.query(`UPDATE public.tenants SET ${change} WHERE id = $1`, [tenant.id]);
    await set(moved, `status = 'maintenance'`);
    await set(making, `status = 'provisioning'`);
    await set(purged, `status = 'deleted', purge_started_at = now()`);
    // May be restored yet, and shall be served then.
    await set(hidden, `status = 'deleted'`);
    expect(await fleet.run(RUN)).toMatchObject({ total: 1, done: 1, left: 0 });
    expect((await registryOf(hidden)).version).toBe(NEXT);
    await old.owner.query('DELETE FROM public.tenants WHERE id = ANY ($1)', [tenants.map(({ id }) => id)]);
  });

  it('shows its SQL before, and changes nothing by that', async () => {
    const [tenant] = (await bareTenants(old, 1)) as [Tenant];
    const scripts = await fleet.sqlOf({ work: RUN.work });
    expect(scripts).toHaveLength(1);
    expect(scripts[0]!.from).toBe(PRODUCT);
    expect(scripts[0]!.sql).toMatch(
      /-- Journal[^]*CREATE TABLE "@tenant".journal[^]*-- Nickname[^]*ADD COLUMN nickname/,
    );
    expect((await registryOf(tenant)).version).toBe(PRODUCT);
    expect(await ledgerOf(tenant)).toBe(PRODUCT);
    await fleet.run(RUN);
    expect(await fleet.sqlOf({ work: RUN.work })).toEqual([]);
  });

  it('shows the SQL of those alone that are named', async () => {
    const [behind, other] = (await bareTenants(old, 2)) as [Tenant, Tenant];
    await fleet.run({ ...RUN, slugs: [other.slug] });
    expect(await fleet.sqlOf({ work: RUN.work, slugs: [other.slug] })).toEqual([]);
    expect(await fleet.sqlOf({ work: RUN.work, slugs: [behind.slug] })).toHaveLength(1);
    await fleet.run(RUN);
  });

  it('takes nothing back to a version that is none: that would empty every tenant', async () => {
    for (const to of [0, 123, PRODUCT - 1])
      await expect(fleet.run({ ...BACK, work: { kind: 'revert', to } })).rejects.toThrow(`There is no migration ${to}`);
  });

  it('takes back and brings forward again, and the schemas are what they were', async () => {
    const tenants = await bareTenants(old, 3);
    const fresh = await marks(tenants);
    expect(fresh.size).toBe(1);
    await fleet.run({ ...RUN, slugs: slugsOf(tenants) });
    const migrated = await marks(tenants);
    expect(migrated).not.toEqual(fresh);
    const back = await fleet.run({ ...BACK, slugs: slugsOf(tenants) });
    expect(back).toMatchObject({ target: PRODUCT, done: 3, failed: [], left: 0 });
    expect(await marks(tenants)).toEqual(fresh);
    for (const tenant of tenants) expect((await registryOf(tenant)).version).toBe(PRODUCT);
    expect(await fleet.run(RUN)).toMatchObject({ done: 3 });
    expect(await marks(tenants)).toEqual(migrated);
  });

  it('refuses to take back what it does not know, once', async () => {
    const [tenant] = (await bareTenants(next, 1)) as [Tenant];
    await old.owner.query(
      `INSERT INTO "${tenant.binding.schema}".migrations ("timestamp", name) VALUES (5000000000000, 'Newer5000000000000')`,
    );
    const outcome = await fleet.run({ ...BACK, slugs: [tenant.slug] });
    expect(outcome).toMatchObject({ done: 0, failed: [{ slug: tenant.slug }] });
    expect(outcome.failed[0]!.error).toMatch(/5000000000000/);
    await old.owner.query(`DELETE FROM "${tenant.binding.schema}".migrations WHERE "timestamp" = 5000000000000`);
  });

  it('forgets a failure that was none: the change was committed and only the answer lost', async () => {
    const [tenant] = (await bareTenants(old, 1)) as [Tenant];
    await fleet.run(RUN);
    const client = await old.owner.connect();
    try {
      await new TenantClaims(client, RUN.work, NEXT, 'a run').fail(tenant.id, 'connection lost');
    } finally {
      client.release();
    }
    expect((await registryOf(tenant)).error).toBeNull();
  });
});

describe('a tenant that is behind', () => {
  it('hears when to come again, goes first, and is served on every instance as soon as it was migrated', async () => {
    const others = await bareTenants(old, 6);
    const tenant = await signUp(old);
    const elsewhere = await startApp({ settings: QUIET, database: old.database, tenantMigrations: nextRelease });
    try {
      const [here, there] = [next, elsewhere].map(({ url }) => Object.assign(tenant.owner.with({}), { url }));
      for (const client of [here!, there!]) {
        const refused = expectStatus(await client.get('/users/me'), 503);
        expect(refused.error.code).toBe('tenant_unavailable');
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      await eventually(async () => expect(await fleet.status()).toMatchObject({ wanted: 1 }));
      const stopping = new AbortController();
      await fleet.run({
        ...RUN,
        concurrency: 1,
        signal: stopping.signal,
        onProgress: ({ done }) => done && stopping.abort(),
      });
      const { rows } = await old.owner.query(
        'SELECT slug FROM public.tenants WHERE schema_version = $1 AND slug = ANY ($2)',
        [NEXT, [tenant.slug, ...slugsOf(others)]],
      );
      expect(rows).toEqual([{ slug: tenant.slug }]);
      for (const client of [here!, there!])
        await eventually(async () => expectStatus(await client.get('/users/me'), 200));
      expect(await fleet.status()).toMatchObject({ wanted: 0 });
    } finally {
      await elsewhere.stop();
    }
    await fleet.run(RUN);
  });
});

describe('a second cluster', () => {
  let second: TestDatabase;
  beforeAll(async () => {
    second = await createDatabase();
    await old.nest.get(ClustersService).add({ name: 'second', url: second.url });
  });
  afterAll(() => second.drop());

  it('is migrated with the first, and takes up nobody twice where only the registry has not heard of it', async () => {
    const here = await bareTenants(old, 2);
    const there = await bareTenants(old, 3, 'second');
    const forgotten = there[0]!;
    await next.nest.get(SchemaMigrations).migrate(forgotten.binding);
    await old.owner.query('UPDATE public.tenants SET schema_version = $2 WHERE id = $1', [forgotten.id, PRODUCT]);
    expect(await fleet.run(RUN)).toMatchObject({ total: 5, done: 5, failed: [], left: 0 });
    for (const tenant of [...here, ...there])
      expect(await registryOf(tenant)).toMatchObject({ version: NEXT, holder: null });
    const { owner } = await next.nest.get(Clusters).get('second');
    for (const { binding } of there) {
      const { rows } = await owner.query<{ entry: string }>(
        `SELECT entry FROM "${binding.schema}".journal ORDER BY id`,
      );
      expect(rows.map(({ entry }) => entry)).toEqual(WRITTEN);
    }
  });

  it('that is away is told once, and the others are done however few failures are allowed', async () => {
    const there = await bareTenants(old, 6, 'second');
    const here = await bareTenants(old, 2);
    await old.owner.query(`ALTER DATABASE "${second.name}" WITH ALLOW_CONNECTIONS false`);
    await next.nest.get(Clusters).forget('second');
    try {
      const outcome = await fleet.run({ ...RUN, concurrency: 1, maxFailures: 2 });
      expect(outcome).toMatchObject({ total: 8, done: 2, stopped: null });
      expect(outcome.failed).toHaveLength(1);
      expect(outcome.failed[0]!.error).toMatch(/the cluster second cannot be reached: .*not currently accepting/);
      for (const tenant of here) expect(await journal(tenant)).toEqual(WRITTEN);
      for (const tenant of there) expect((await registryOf(tenant)).holder).toBeNull();
    } finally {
      await old.owner.query(`ALTER DATABASE "${second.name}" WITH ALLOW_CONNECTIONS true`);
    }
    expect(await fleet.run(RUN)).toMatchObject({ done: 6, failed: [], left: 0 });
  });
});
