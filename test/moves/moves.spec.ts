import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { TenantSwitch } from '../../src/moves/tenant-switch.service.ts';
import { compareSchemas } from '../../src/platform/archive/compare-schemas.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import type { TenantBinding } from '../../src/platform/database/lease.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { SchemaMigrations } from '../../src/platform/database/schema-migrations.ts';
import { OutboxRelay } from '../../src/platform/events/outbox-relay.ts';
import { TenantDeletionService } from '../../src/tenants/tenant-deletion.service.ts';
import { RegistryTenantDirectory } from '../../src/tenants/tenant-directory.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startSecondServer, type SecondServer } from '../support/second-server.ts';
import { signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let other: TestDatabase;
let server: SecondServer;
let moves: MovesService;
let clusters: Clusters;
let tenants: TenantsService;
beforeAll(async () => {
  [app, other, server] = await Promise.all([
    startApp({ settings: { READY_POOL_SIZE: '0' } }),
    createDatabase(),
    startSecondServer(),
  ]);
  const list = app.nest.get(ClustersService);
  for (const [name, { url }] of Object.entries({ other, sixteen: server })) {
    await list.add({ name, url });
    // Everybody signs up at home.
    await list.change(name, { accepts: false });
  }
  moves = app.nest.get(MovesService);
  clusters = app.nest.get(Clusters);
  tenants = app.nest.get(TenantsService);
});
afterAll(async () => {
  // Before the roles that own something in it.
  await other.drop();
  await app.stop();
  await server.stop();
});

const bindingOf = async ({ slug }: { slug: string }) => (await tenants.getBySlug(slug)).binding;

async function asOwner<T>(cluster: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await (await clusters.get(cluster)).owner.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

async function schemaExists({ cluster, schema }: TenantBinding): Promise<boolean> {
  return asOwner(cluster, async (client) => {
    return (await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])).rowCount === 1;
  });
}

async function roleExists({ cluster, role }: TenantBinding): Promise<boolean> {
  return asOwner(cluster, async (client) => {
    return (await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])).rowCount === 1;
  });
}

/** Tables whose rows differ between two places. */
async function differences(from: TenantBinding, to: TenantBinding): Promise<string[]> {
  return asOwner(from.cluster, (left) =>
    asOwner(to.cluster, async (right) => {
      await left.query('BEGIN');
      await right.query('BEGIN');
      try {
        const places = [
          { client: left, schema: from.schema },
          { client: right, schema: to.schema },
        ] as const;
        return (await compareSchemas(...places)).map(({ table }) => table);
      } finally {
        await left.query('ROLLBACK');
        await right.query('ROLLBACK');
      }
    }),
  );
}

async function expectServed(tenant: TestTenant, cluster: string): Promise<void> {
  expect(await bindingOf(tenant)).toMatchObject({ cluster });
  await eventually(async () => expectStatus(await tenant.owner.post('/projects', { name: 'Still at work' }), 201));
}

/** People who read and write without a pause, and what they were told. */
function load(tenant: TestTenant, projectId: string) {
  const written = new Set<string>();
  const statuses = new Map<number, number>();
  let busy = true;
  const note = ({ status }: Answer) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const writer = async () => {
    while (busy) {
      const answer = await tenant.owner.post('/tasks', { projectId, title: 'Written under load' });
      note(answer);
      if (answer.status === 201) written.add(answer.data.id);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const reader = async () => {
    while (busy) {
      note(await tenant.owner.get('/tasks?limit=5'));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const all = Promise.all([writer(), writer(), reader()]);
  return {
    statuses,
    stop: async () => {
      busy = false;
      await all;
      return { written, statuses: [...statuses.keys()].sort() };
    },
    untilWritten: (count: number) => eventually(async () => expect(written.size).toBeGreaterThan(count), 20_000),
    written,
  };
}

describe('a tenant that is used while it is moved', () => {
  it.each([
    ['between databases of one server', ['other', 'main']],
    ['from PostgreSQL 18 to 16 and back', ['sixteen', 'main']],
  ])(
    'loses nothing that was acknowledged, and hears 503 at worst: %s',
    async (_, stations) => {
      const tenant = await signUp(app);
      const project = await tenant.project('Moving');
      for (const station of stations) {
        const people = load(tenant, project.id);
        await people.untilWritten(5);
        const moved = await moves.move(tenant.slug, station);
        await people.untilWritten(people.written.size + 3);
        const { written, statuses } = await people.stop();
        expect(statuses.filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
        expect(moved).toMatchObject({ slug: tenant.slug, to: { cluster: station } });
        expect(moved.rows).toBeGreaterThan(5);
        const there = await bindingOf(tenant);
        expect(there).toEqual(moved.to);
        const ids = await asOwner(station, async (client) =>
          (await client.query<{ id: string }>(`SELECT id FROM "${there.schema}".tasks`)).rows.map(({ id }) => id),
        );
        expect([...written].filter((id) => !ids.includes(id))).toEqual([]);
        // And nothing was written to the old copy since.
        await expect(moves.move(tenant.slug, 'main')).rejects.toMatchObject({ code: 'move_open' });
        await moves.confirm(tenant.slug);
        expect(await schemaExists(moved.from)).toBe(false);
        expect(await roleExists(moved.from)).toBe(false);
      }
    },
    60_000,
  );
});

describe('a tenant that was moved', () => {
  it('has the same rows, and works in every respect', async () => {
    const tenant = await signUp(app);
    const mia = await tenant.join('Mia', 'member');
    const project = await tenant.project('Kept', [[mia, 'member']]);
    const task = await tenant.task(project.id, { assigneeId: mia.id });
    const { from, to } = await moves.move(tenant.slug, 'sixteen');
    expect(await differences(from, to)).toEqual([]);

    expect(expectStatus(await tenant.owner.get(`/tasks/${task.id}`), 200).data.title).toBe('A task');
    const again = await signIn(tenant.visitor, mia.email);
    expectStatus(await again.get('/users/me'), 200);
    expectStatus(await tenant.visitor.post('/auth/refresh', { refreshToken: mia.refreshToken }), 200);
    expect(await app.nest.get(SchemaMigrations).migrate(to)).toMatchObject({ applied: [] });
    // An event that is announced there is heard: a person's tasks are nobody's when they leave.
    expectStatus(await tenant.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    await eventually(async () =>
      expect(expectStatus(await tenant.owner.get(`/tasks/${task.id}`), 200).data.assigneeId).toBeNull(),
    );
    await moves.confirm(tenant.slug);
    expect(await schemaExists(from)).toBe(false);

    const deletion = app.nest.get(TenantDeletionService);
    await deletion.delete(tenant.slug, 1);
    await eventually(async () => expectStatus(await tenant.owner.get('/users/me'), 404));
    await deletion.purge(tenant.slug, tenant.slug);
    expect(await schemaExists(to)).toBe(false);
    expect(await roleExists(to)).toBe(false);
  }, 60_000);

  it('is guarded there by the roles as it was at home', async () => {
    const [mine, theirs] = [await signUp(app), await signUp(app)];
    for (const { slug } of [mine, theirs]) await moves.move(slug, 'sixteen').then(() => moves.confirm(slug));
    const [own, strange] = [await bindingOf(mine), await bindingOf(theirs)];
    const { database } = await clusters.get('sixteen');
    const client = new pg.Client({ connectionString: database.homeUrl(own.home) });
    await client.connect();
    try {
      await expect(client.query(`SELECT * FROM "${strange.schema}".users`)).rejects.toMatchObject({ code: '42501' });
      await expect(client.query(`SELECT * FROM "${own.schema}".users`)).rejects.toMatchObject({ code: '42501' });
      await client.query(`BEGIN; SET LOCAL ROLE "${own.role!}"`);
      expect((await client.query(`SELECT email FROM "${own.schema}".users`)).rows).toHaveLength(1);
      await expect(client.query(`SELECT * FROM "${strange.schema}".users`)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });

  it('cannot be written where it was, by an instance that has not heard of it', async () => {
    const tenant = await signUp(app);
    const from = await bindingOf(tenant);
    const deaf = await startApp({ database: app.database, settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
    try {
      const there = Object.assign(tenant.owner.with({}), { url: deaf.url });
      const project = expectStatus(await there.post('/projects', { name: 'Before' }), 201).data;
      const stale = await tenants.getBySlug(tenant.slug);
      jest.spyOn(deaf.nest.get(RegistryTenantDirectory), 'findBySlug').mockResolvedValue(stale);
      await moves.move(tenant.slug, 'other');
      for (const attempt of [1, 2]) {
        const answer = await there.post('/tasks', { projectId: project.id, title: `Lost ${attempt}` });
        expect([answer.status, answer.error.code]).toEqual([503, 'database_busy']);
      }
      expect(await differences(from, await bindingOf(tenant))).toEqual([]);
      await moves.confirm(tenant.slug);
      expectStatus(await there.post('/tasks', { projectId: project.id, title: 'Lost' }), 503);
      jest.restoreAllMocks();
      expectStatus(await there.post('/tasks', { projectId: project.id, title: 'Kept' }), 201);
    } finally {
      jest.restoreAllMocks();
      await deaf.stop();
    }
  }, 60_000);

  it('hears the events that were waiting, and each under its new name', async () => {
    const tenant = await signUp(app);
    const mia = await tenant.join('Mia', 'member');
    const project = await tenant.project('Waiting', [[mia, 'member']]);
    const task = await tenant.task(project.id, { assigneeId: mia.id });
    const from = await bindingOf(tenant);
    await app.owner.query(`UPDATE "${from.schema}".users SET active = false WHERE id = $1`, [mia.id]);
    await asOwner('main', (client) =>
      client.query(
        `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id, next_attempt_at)
         VALUES ($1, 'user.deactivated', $2, 'r', now() + interval '1 hour')`,
        [from.schema, JSON.stringify({ userId: mia.id, at: new Date().toISOString() })],
      ),
    );
    const relay = app.nest.get(OutboxRelay);
    const lockOut = jest.spyOn(app.nest.get(SchemaManager), 'lockOut');
    const original = SchemaManager.prototype.lockOut.bind(app.nest.get(SchemaManager));
    // While the tenant is at neither place for the relays, they look at what was taken along.
    lockOut.mockImplementation(async (...args) => {
      relay.look();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await original(...args);
    });
    try {
      await moves.move(tenant.slug, 'other');
    } finally {
      jest.restoreAllMocks();
    }
    await eventually(async () =>
      expect(expectStatus(await tenant.owner.get(`/tasks/${task.id}`), 200).data.assigneeId).toBeNull(),
    );
    await moves.confirm(tenant.slug);
    const left = await asOwner('main', (client) =>
      client.query('SELECT 1 FROM platform.outbox WHERE tenant_schema = $1', [from.schema]),
    );
    expect(left.rows).toEqual([]);
  }, 60_000);
});

describe('a move that fails', () => {
  const step = new Error('no further');

  it.each<[string, () => unknown]>([
    ['making the new schema', () => jest.spyOn(app.nest.get(SchemaManager), 'provisionFor').mockRejectedValue(step)],
    ['pausing', () => jest.spyOn(app.nest.get(TenantSwitch), 'pause').mockRejectedValue(step)],
    ['locking out', () => jest.spyOn(app.nest.get(SchemaManager), 'lockOut').mockRejectedValue(step)],
    ['taking the schema', () => jest.spyOn(app.nest.get(ReadyPool), 'take').mockRejectedValue(step)],
    ['finishing', () => jest.spyOn(app.nest.get(TenantSwitch), 'finish').mockRejectedValue(step)],
  ])('at %s leaves it served from where it was', async (_, fail) => {
    const tenant = await signUp(app);
    const from = await bindingOf(tenant);
    fail();
    try {
      await expect(moves.move(tenant.slug, 'other')).rejects.toThrow('no further');
    } finally {
      jest.restoreAllMocks();
    }
    expect(await bindingOf(tenant)).toEqual(from);
    await expectServed(tenant, 'main');
    const [record] = await moves.list({ slug: tenant.slug });
    expect(record).toMatchObject({ state: 'undone', error: 'no further', atWork: false });
    if (record!.to) expect(await schemaExists(record!.to)).toBe(false);
    await moves.move(tenant.slug, 'other');
    await expectServed(tenant, 'other');
  });

  it.each(['source', 'destination', 'registry'] as const)(
    'because its connection to the %s broke leaves it served from where it was',
    async (which) => {
      const tenant = await signUp(app);
      const switching = app.nest.get(TenantSwitch);
      const pause = switching.pause.bind(switching);
      jest.spyOn(switching, 'pause').mockImplementation(async (move) => {
        const snapshot = await pause(move);
        const { processID } = move[which] as pg.Client & { processID: number };
        await asOwner(which === 'destination' ? 'other' : 'main', (client) =>
          client.query('SELECT pg_terminate_backend($1)', [processID]),
        );
        await eventually(async () => {
          await expect(move[which]!.query('SELECT 1')).rejects.toThrow();
        });
        return snapshot;
      });
      try {
        await expect(moves.move(tenant.slug, 'other')).rejects.toThrow();
      } finally {
        jest.restoreAllMocks();
      }
      await expectServed(tenant, 'main');
      expect(await moves.list({ slug: tenant.slug })).toMatchObject([{ state: 'undone' }]);
    },
  );

  it('leaves a tenant deleted that was deleted while it was prepared', async () => {
    const tenant = await signUp(app);
    const switching = app.nest.get(TenantSwitch);
    const pause = switching.pause.bind(switching);
    jest.spyOn(switching, 'pause').mockImplementation(async (move) => {
      await app.nest.get(TenantDeletionService).delete(tenant.slug, 1);
      return pause(move);
    });
    try {
      await expect(moves.move(tenant.slug, 'other')).rejects.toMatchObject({ code: 'not_movable' });
    } finally {
      jest.restoreAllMocks();
    }
    expect(await tenants.getBySlug(tenant.slug)).toMatchObject({ status: 'deleted', binding: { cluster: 'main' } });
  });

  it('because the tenant was migrated meanwhile takes no rows of another version along', async () => {
    const tenant = await signUp(app);
    const { schema } = await bindingOf(tenant);
    const switching = app.nest.get(TenantSwitch);
    const pause = switching.pause.bind(switching);
    jest.spyOn(switching, 'pause').mockImplementation(async (move) => {
      // A migration that changes rows alone, so that tables and columns are still the same.
      await app.owner.query(
        `INSERT INTO "${schema}".migrations ("timestamp", name) VALUES (4000000000001, 'Rows4000000000001')`,
      );
      return pause(move);
    });
    try {
      await expect(moves.move(tenant.slug, 'other')).rejects.toMatchObject({ code: 'migrated_meanwhile' });
    } finally {
      jest.restoreAllMocks();
    }
    await expectServed(tenant, 'main');
  });

  it('is refused where it can only fail', async () => {
    const tenant = await signUp(app);
    await expect(moves.move('nobody-here', 'other')).rejects.toMatchObject({ code: 'tenant_not_found' });
    await expect(moves.move(tenant.slug, 'nowhere')).rejects.toMatchObject({ code: 'cluster_not_found' });
    await expect(moves.confirm(tenant.slug)).rejects.toMatchObject({ code: 'no_move_to_confirm' });
    const outcomes = await Promise.allSettled([moves.move(tenant.slug, 'other'), moves.move(tenant.slug, 'sixteen')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'move_open' } });
    await eventually(async () => expectStatus(await tenant.owner.get('/users/me'), 200));
  });
});

describe('a mover who died', () => {
  it('is found out at once, and the tenant is served again', async () => {
    const tenant = await signUp(app);
    const found = await tenants.getBySlug(tenant.slug);
    const switching = app.nest.get(TenantSwitch);
    const move = await switching.begin(found, 'move', 'other', found.schemaVersion);
    await switching.pause(move);
    await eventually(async () =>
      expect(await tenant.owner.get('/users/me')).toMatchObject({ status: 503, error: { code: 'tenant_unavailable' } }),
    );
    expect((await moves.list({ slug: tenant.slug }))[0]).toMatchObject({ state: 'copying', atWork: true });
    expect(await moves.undoDead()).toBe(0);
    await expect(moves.undo(tenant.slug)).rejects.toMatchObject({ code: 'move_open' });
    await switching.close(move);
    await eventually(async () => expect(await moves.undoDead()).toBe(1));
    await expectServed(tenant, 'main');
    expect(await schemaExists(move.target)).toBe(false);
  });
});
