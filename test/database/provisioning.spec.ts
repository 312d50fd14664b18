import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { DataSource, type EntityManager } from 'typeorm';
import type { TenantBinding } from '../../src/platform/database/lease.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { startEngine, type Engine, type Schemas } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { signUp } from '../support/tenant.ts';
import { libraryMigrations } from './library.ts';

interface Traces {
  schemas: string[];
  roles: string[];
  ready: string[];
  tenants: string[];
}

/** All that provisioning can leave behind. */
async function tracesIn(owner: Engine['owner']): Promise<Traces> {
  const list = async (sql: string) => (await owner.query<{ name: string }>(sql)).rows.map((row) => row.name).sort();
  return {
    schemas: await list(`SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 't\\_%'`),
    roles: await list(
      `SELECT rolname AS name FROM pg_roles, public.system_settings s
        WHERE s.key = 'installation' AND starts_with(rolname, 'pf_' || (s.value #>> '{}') || '_t_')`,
    ),
    ready: await list('SELECT schema_name AS name FROM public.ready_schemas'),
    tenants: await list('SELECT schema_name AS name FROM public.tenants'),
  };
}

describe('the ready pool', () => {
  let engine: Engine;
  let registry: DataSource;
  beforeAll(async () => {
    engine = await startEngine({ migrations: libraryMigrations });
    registry = new DataSource({
      type: 'postgres',
      url: engine.prepared.platformUrl,
      poolSize: 8,
      installExtensions: false,
    });
    await registry.initialize();
  });
  afterAll(async () => {
    await registry.destroy();
    await engine.stop();
  });

  const poolOf = (size: number, schemas: Schemas = engine.schemas) =>
    new ReadyPool(registry.manager, schemas, engine.clusters, size, pino({ level: 'silent' }));

  /** Claims in as many transactions at once; none ends before all have claimed. */
  async function claimTogether(pool: ReadyPool, claims: number): Promise<(TenantBinding | null)[]> {
    let claimed = 0;
    let allClaimed: () => void;
    const all = new Promise<void>((resolve) => (allClaimed = resolve));
    return Promise.all(
      Array.from({ length: claims }, () =>
        registry.transaction(async (transaction) => {
          const binding = await pool.claim(transaction);
          if ((claimed += 1) === claims) allClaimed();
          await all;
          return binding;
        }),
      ),
    );
  }

  it('gives each of those who claim at the same moment a schema of their own, or nothing', async () => {
    const pool = poolOf(5);
    await pool.fill();
    const ready = await tracesIn(engine.owner);
    expect(ready.ready).toHaveLength(5);
    expect(ready).toMatchObject({ schemas: ready.ready, tenants: [] });
    expect(ready.roles).toEqual(ready.ready.map((schema) => engine.prepared.names.tenantRole(schema)).sort());

    const claims = await claimTogether(pool, 8);
    const bindings = claims.filter((claim) => claim !== null);
    expect(bindings.map(({ schema }) => schema).sort()).toEqual(ready.ready);
    expect((await tracesIn(engine.owner)).ready).toEqual([]);
    for (const binding of bindings) {
      expect(binding.role).toBe(engine.prepared.names.tenantRole(binding.schema));
      const database = await engine.handles.get(binding);
      expect(await database.query('SELECT * FROM "@tenant".books')).toEqual([]);
    }
  });

  it('has a schema back when the claim is rolled back', async () => {
    const pool = poolOf(1);
    await pool.fill();
    const { ready } = await tracesIn(engine.owner);
    let claimed: TenantBinding | null = null;
    const work = registry.transaction(async (transaction: EntityManager) => {
      claimed = await pool.claim(transaction);
      throw new Error('the slug is taken');
    });
    await expect(work).rejects.toThrow('the slug is taken');
    expect(claimed).toMatchObject({ schema: ready[0] });
    expect((await tracesIn(engine.owner)).ready).toEqual(ready);
    expect(await claimTogether(pool, 1)).toEqual([claimed]);
  });

  it('makes what is missing once, however often it is asked, and nothing when it is full', async () => {
    const pool = poolOf(4);
    await Promise.all([pool.fill(), pool.fill(), pool.fill()]);
    const { ready } = await tracesIn(engine.owner);
    expect(ready).toHaveLength(4);
    await pool.fill();
    expect((await tracesIn(engine.owner)).ready).toEqual(ready);
  });

  it('gives out no schema of another version, and removes those of an older one', async () => {
    await poolOf(2).fill();
    const before = await tracesIn(engine.owner);
    const newer = poolOf(2, await engine.version([...libraryMigrations, later()]));
    expect(await claimTogether(newer, 1)).toEqual([null]);
    await newer.fill();
    const after = await tracesIn(engine.owner);
    expect(after.ready).toHaveLength(2);
    expect(after.ready.filter((schema) => before.ready.includes(schema))).toEqual([]);
    expect(after.schemas.length).toBe(before.schemas.length - before.ready.length + 2);
    expect(after.roles.length).toBe(after.schemas.length);
    // The older version, still running beside it, leaves them alone and makes its own.
    expect(await claimTogether(poolOf(2), 1)).toEqual([null]);
  });

  it('finds an outdated schema again whose removal died half-way', async () => {
    const oldest = await engine.version([]);
    const { schema, role } = await oldest.provision();
    // The role cannot be dropped while it holds something, after its schema was.
    await engine.owner.query(`GRANT SELECT ON public.tenants TO "${role}"`);
    const pool = poolOf(1);
    // One that cannot be removed now keeps none of the others from being made.
    await pool.fill();
    const half = await tracesIn(engine.owner);
    expect(half.ready).toContain(schema);
    expect(half.roles).toContain(role);
    await engine.owner.query(`REVOKE SELECT ON public.tenants FROM "${role}"`);
    await pool.fill();
    const whole = await tracesIn(engine.owner);
    expect([...whole.ready, ...whole.schemas]).not.toContain(schema);
    expect(whole.roles).not.toContain(role);
    expect(whole.ready.length).toBeGreaterThan(0);
  });

  it('does not remove an outdated schema while somebody claims it', async () => {
    const oldest = await engine.version([]);
    const { schema } = await oldest.provision();
    await registry.transaction(async (transaction) => {
      expect(await poolOf(1, oldest).claim(transaction)).toMatchObject({ schema });
      await poolOf(1).fill();
    });
    const { schemas, ready } = await tracesIn(engine.owner);
    expect(schemas).toContain(schema);
    expect(ready).not.toContain(schema);
  });

  describe('when making a schema fails', () => {
    it.each([
      [
        'a seed',
        async () => engine.version(libraryMigrations, () => [`INSERT INTO "@tenant".tags (name) VALUES (NULL)`]),
      ],
      ['a migration', async () => engine.version([...libraryMigrations, broken()])],
    ])('by %s, leaves nothing of it', async (_, make) => {
      const before = await tracesIn(engine.owner);
      await expect((await make()).provision()).rejects.toThrow(/null value|does not exist/);
      expect(await tracesIn(engine.owner)).toEqual(before);
    });

    it('because its connection is killed in the middle, leaves nothing of it', async () => {
      const before = await tracesIn(engine.owner);
      const slow = await engine.version(libraryMigrations, () => ['DO $$ BEGIN PERFORM pg_sleep(20); END $$']);
      const work = slow.provision().catch((error: unknown) => error);
      await eventually(async () => {
        const { rows } = await engine.owner.query<{ ended: boolean }>(
          `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'PgSleep'`,
        );
        expect(rows).toEqual([{ ended: true }]);
      });
      expect(String(await work)).toMatch(/terminat/);
      expect(await tracesIn(engine.owner)).toEqual(before);
    });
  });

  it('leaves nothing of a schema that is dropped, also when it is dropped again', async () => {
    const before = await tracesIn(engine.owner);
    const binding = await engine.schemas.provision();
    expect((await tracesIn(engine.owner)).schemas).toContain(binding.schema);
    for (let turn = 0; turn < 2; turn += 1) await engine.schemas.drop(binding);
    await engine.owner.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [binding.schema]);
    expect(await tracesIn(engine.owner)).toEqual(before);
  });
});

describe('signing up with an empty pool', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
  });
  afterAll(() => app.stop());

  it('makes the schema in line', async () => {
    expect(await tracesIn(app.owner)).toEqual({ schemas: [], roles: [], ready: [], tenants: [] });
    const { owner } = await signUp(app);
    expect((await owner.get('/users/me')).status).toBe(200);
    const { schemas, roles, ready, tenants } = await tracesIn(app.owner);
    expect([schemas.length, roles.length, ready, tenants]).toEqual([1, 1, [], schemas]);
  });

  it('gives everybody a schema who signs up at the same moment', async () => {
    const before = await tracesIn(app.owner);
    const people = await Promise.all(Array.from({ length: 5 }, () => signUp(app)));
    for (const { owner } of people) expect((await owner.get('/users')).data).toHaveLength(1);
    const { tenants } = await tracesIn(app.owner);
    expect(tenants.length).toBe(before.tenants.length + 5);
  });

  it('leaves a row behind when the process dies, which is found and removed with all that belongs to it', async () => {
    const before = await tracesIn(app.owner);
    const service = app.nest.get(TenantsService);
    const { binding } = await service.reserve({ slug: 'half-way', name: 'Half way' });
    expect((await tracesIn(app.owner)).tenants).toContain(binding.schema);
    expect(await service.removeAbandoned(new Date(Date.now() - 60_000))).toBe(0);
    expect(await service.removeAbandoned(new Date(Date.now() + 60_000))).toBe(1);
    const after = await tracesIn(app.owner);
    expect({ ...after, ready: [] }).toEqual({ ...before, ready: [] });
    expect((await signUp(app, 'half-way')).slug).toBe('half-way');
  });
});

function later() {
  return class Later1700000000009 {
    up = (runner: { query(text: string): Promise<unknown> }) => runner.query('CREATE TABLE "@tenant".later ()');
    down = (runner: { query(text: string): Promise<unknown> }) => runner.query('DROP TABLE "@tenant".later');
  };
}

function broken() {
  return class Broken1700000000009 {
    up = (runner: { query(text: string): Promise<unknown> }) =>
      runner.query('ALTER TABLE "@tenant".nothing ADD x integer');
    down = async () => undefined;
  };
}
