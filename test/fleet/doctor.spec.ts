import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { DoctorService } from '../../src/fleet/doctor.service.ts';
import type { Finding } from '../../src/fleet/doctor.types.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { signUp } from '../support/tenant.ts';
import { lateRelease, nextRelease, NEXT } from './releases.ts';

let app: TestApp;
let second: TestDatabase;
let doctor: DoctorService;
let schemas: SchemaManager;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' }, tenantMigrations: nextRelease });
  second = await createDatabase();
  await app.nest.get(ClustersService).add({ name: 'second', url: second.url });
  doctor = app.nest.get(DoctorService);
  schemas = app.nest.get(SchemaManager);
});
afterAll(async () => {
  // Before the roles that own something in it.
  await second.drop();
  await app.stop();
});

async function findings(): Promise<Finding[]> {
  return (await doctor.examine()).findings;
}

/** The one finding that there is. */
async function found(kind: Finding['kind']): Promise<Finding> {
  const all = await findings();
  expect(all.map((finding) => finding.kind)).toEqual([kind]);
  return all[0]!;
}

async function mended(kind: Finding['kind']): Promise<Finding> {
  const finding = await found(kind);
  await finding.mend!();
  expect(await findings()).toEqual([]);
  return finding;
}

const sql = (text: string, values: unknown[] = []) => app.owner.query(text, values);
const newName = () => `t_${randomBytes(8).toString('hex')}`;

async function schemaExists(schema: string): Promise<boolean> {
  return (await sql('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])).rowCount === 1;
}

describe('a healthy installation', () => {
  it('has no findings, whatever lives on its clusters', async () => {
    await bareTenants(app, 3);
    await bareTenants(app, 2, 'second');
    await schemas.provision('second');
    const examination = await doctor.examine();
    expect(examination.findings).toEqual([]);
    expect(examination.looked).toMatchObject({ clusters: 2, tenants: 5, schemas: 5, roles: 6 });
  });

  it('has none while organisations sign up, are moved and leave', async () => {
    const filled = await startApp({
      database: app.database,
      settings: { READY_POOL_SIZE: '3' },
      tenantMigrations: nextRelease,
    });
    const moves = app.nest.get(MovesService);
    let busy = true;
    const coming = (async () => {
      for (let i = 0; i < 10; i += 1) {
        const [tenant] = (await bareTenants(filled, 1, i % 2 ? 'second' : 'main')) as [Tenant];
        if (i % 3 === 0) await moves.move(tenant.slug, 'second').then(() => moves.confirm(tenant.slug));
      }
      await signUp(filled);
      busy = false;
    })();
    const seen: Finding[] = [];
    let looks = 0;
    for (; busy; looks += 1) seen.push(...(await findings()));
    await coming;
    await filled.stop();
    expect(seen).toEqual([]);
    expect(looks).toBeGreaterThan(2);
    expect(await findings()).toEqual([]);
  });

  it('is not disturbed by a schema that becomes a tenant between two looks', async () => {
    const { binding } = (await bareTenants(app, 1))[0]!;
    const ready = await schemas.provision();
    const clusters = app.nest.get(Clusters);
    const { query } = clusters.main.owner;
    const original = query.bind(clusters.main.owner) as (...args: unknown[]) => Promise<unknown>;
    // Right before the schemas of the main cluster are listed, the ready one is taken and others are made.
    let made = false;
    Object.assign(clusters.main.owner, {
      query: async (...args: unknown[]) => {
        if (!made && String(args[0]).includes('pg_namespace')) {
          made = true;
          await bareTenants(app, 2);
        }
        return original(...args);
      },
    });
    try {
      expect(await findings()).toEqual([]);
    } finally {
      Object.assign(clusters.main.owner, { query });
    }
    expect(made).toBe(true);
    expect(await schemaExists(ready.schema)).toBe(true);
    expect(await schemaExists(binding.schema)).toBe(true);
  });
});

describe('a finding', () => {
  it('is a schema that nobody knows; it is dropped with its role', async () => {
    const { schema } = await schemas.provision();
    await sql('DELETE FROM public.ready_schemas WHERE schema_name = $1', [schema]);
    expect((await mended('schema_without_tenant')).subject).toBe(schema);
    expect(await schemaExists(schema)).toBe(false);
  });

  it('is one on another cluster', async () => {
    const { schema } = await schemas.provision('second');
    await sql('DELETE FROM public.ready_schemas WHERE schema_name = $1', [schema]);
    expect(await mended('schema_without_tenant')).toMatchObject({ subject: schema, cluster: 'second' });
  });

  it('is a role without a schema', async () => {
    const role = app.nest.get(Clusters).main.database.names.tenantRole(newName());
    await sql(`CREATE ROLE "${role}"`);
    expect((await mended('role_without_schema')).subject).toBe(role);
  });

  it('is an entry among the ready ones without a schema', async () => {
    const { schema, role } = await schemas.provision();
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
    await sql(`DROP ROLE "${role}"`);
    expect((await mended('ready_without_schema')).subject).toBe(schema);
  });

  it('is a tenant without a schema, which only a backup mends', async () => {
    const [{ slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(`ALTER SCHEMA "${binding.schema}" RENAME TO hidden`);
    try {
      expect(await found('tenant_without_schema')).toMatchObject({ subject: slug, mend: null });
    } finally {
      await sql(`ALTER SCHEMA hidden RENAME TO "${binding.schema}"`);
    }
    expect(await findings()).toEqual([]);
  });

  it.each(['main', 'second'])('is a version that the registry has wrong (%s)', async (cluster) => {
    const [{ id, slug }] = (await bareTenants(app, 1, cluster)) as [Tenant];
    await sql('UPDATE public.tenants SET schema_version = 1 WHERE id = $1', [id]);
    const finding = await found('version_differs');
    expect(finding.subject).toBe(slug);
    await finding.mend!();
    const { rows } = await sql('SELECT schema_version::float8 AS version FROM public.tenants WHERE id = $1', [id]);
    expect(rows).toEqual([{ version: NEXT }]);
    expect(await findings()).toEqual([]);
  });

  it('is a migration that was merged late', async () => {
    const later = await startApp({
      database: app.database,
      settings: { READY_POOL_SIZE: '0', WORKER: 'false' },
      tenantMigrations: lateRelease,
    });
    try {
      const all = (await later.nest.get(DoctorService).examine()).findings;
      expect(all.length).toBeGreaterThan(3);
      expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['version_differs']));
      expect(all[0]!.message).toMatch(/lacks Late4000000000002/);
      for (const { mend } of all) await mend!();
      expect((await later.nest.get(DoctorService).examine()).findings).toEqual([]);
      // What has more than this release knows is none of its business, but differs from what it would make.
      const mine = await findings();
      expect(new Set(mine.map(({ kind }) => kind))).toEqual(new Set(['drift']));
      const { rows } = await sql(`SELECT schema_name FROM public.tenants WHERE cluster = 'main'`);
      for (const { schema_name: schema } of rows as { schema_name: string }[])
        await sql(
          `DROP INDEX IF EXISTS "${schema}".journal_by_entry; DELETE FROM "${schema}".migrations WHERE "timestamp" = 4000000000002`,
        );
      const owner = (await app.nest.get(Clusters).get('second')).owner;
      const { rows: there } = await sql(`SELECT schema_name FROM public.tenants WHERE cluster = 'second'`);
      for (const { schema_name: schema } of there as { schema_name: string }[])
        await owner.query(
          `DROP INDEX "${schema}".journal_by_entry; DELETE FROM "${schema}".migrations WHERE "timestamp" = 4000000000002`,
        );
    } finally {
      await later.stop();
    }
    expect(await findings()).toEqual([]);
  });

  it('is a schema that somebody changed by hand, with what differs', async () => {
    const [{ slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(`ALTER TABLE "${binding.schema}".users ALTER COLUMN first_name DROP NOT NULL, ADD COLUMN salary integer`);
    const finding = await found('drift');
    expect(finding).toMatchObject({ subject: slug, mend: null });
    expect(finding.message).toMatch(/- column users\.first_name[^]*\+ column users\.salary/);
    await sql(`ALTER TABLE "${binding.schema}".users ALTER COLUMN first_name SET NOT NULL, DROP COLUMN salary`);
    expect(await findings()).toEqual([]);
  });

  it('is a schema without its ledger, and the others are looked at all the same', async () => {
    const [{ slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(`ALTER TABLE "${binding.schema}".migrations RENAME TO gone`);
    expect(await found('drift')).toMatchObject({ subject: slug, mend: null });
    await sql(`ALTER TABLE "${binding.schema}".gone RENAME TO migrations`);
    expect(await findings()).toEqual([]);
  });

  it.each([
    ['lost', 'REVOKE INSERT, SELECT ON ALL TABLES IN SCHEMA "@" FROM "role"'],
    ['more than it needs', 'GRANT TRUNCATE ON "@".users TO "role"; GRANT INSERT ON "@".migrations TO "role"'],
    ['everything', 'REVOKE ALL ON ALL TABLES IN SCHEMA "@" FROM "role"; REVOKE ALL ON SCHEMA "@" FROM "role"'],
  ])('is a grant: %s; the role gets exactly what it needs', async (_, statement) => {
    const [{ slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(statement.replaceAll('"@"', `"${binding.schema}"`).replaceAll('"role"', `"${binding.role!}"`));
    expect((await mended('drift')).subject).toBe(slug);
  });

  it('is a grant to everybody, which is taken back by hand', async () => {
    const [{ binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(`GRANT SELECT ON "${binding.schema}".users TO PUBLIC`);
    expect((await found('drift')).mend).toBeNull();
    await sql(`REVOKE ALL ON "${binding.schema}".users FROM PUBLIC`);
    expect(await findings()).toEqual([]);
  });

  it('is a sign-up that was never completed', async () => {
    const [{ id, slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(
      `UPDATE public.tenants SET status = 'provisioning', created_at = now() - interval '11 minutes' WHERE id = $1`,
      [id],
    );
    expect((await mended('half_made_tenant')).subject).toBe(slug);
    expect(await schemaExists(binding.schema)).toBe(false);
  });

  it.each(['main', 'second'])('is a schema that somebody died over (%s)', async (cluster) => {
    const { schema } = await schemas.provisionFor(cluster, NEXT);
    expect(await findings()).toEqual([]);
    await sql(`UPDATE public.ready_schemas SET created_at = now() - interval '11 minutes' WHERE schema_name = $1`, [
      schema,
    ]);
    expect((await mended('half_made_schema')).subject).toBe(schema);
  });

  it('is a move whose mover died', async () => {
    const [tenant] = (await bareTenants(app, 1)) as [Tenant];
    const target = await schemas.provisionFor('second', NEXT);
    await sql(
      `INSERT INTO public.tenant_moves (id, tenant_id, reason, from_place, to_place, state, was_status)
       VALUES ($1, $2, 'move', $3, $4, 'copying', 'active')`,
      [randomUUID(), tenant.id, tenant.binding, target],
    );
    await sql(`UPDATE public.tenants SET status = 'maintenance' WHERE id = $1`, [tenant.id]);
    expect((await mended('move_unfinished')).subject).toBe(tenant.slug);
    const { rows } = await sql('SELECT status FROM public.tenants WHERE id = $1', [tenant.id]);
    expect(rows).toEqual([{ status: 'active' }]);
    expect((await sql('SELECT 1 FROM public.ready_schemas WHERE schema_name = $1', [target.schema])).rows).toEqual([]);
  });

  it('is an old copy that was kept for long', async () => {
    const [{ slug, id }] = (await bareTenants(app, 1)) as [Tenant];
    const moves = app.nest.get(MovesService);
    await moves.move(slug, 'second');
    expect(await findings()).toEqual([]);
    await sql(`UPDATE public.tenant_moves SET started_at = now() - interval '8 days' WHERE tenant_id = $1`, [id]);
    expect(await found('old_copy_kept')).toMatchObject({ subject: slug, mend: null });
    await moves.confirm(slug);
    expect(await findings()).toEqual([]);
  });

  it('is a deleted tenant past its grace period', async () => {
    const [{ id, slug, binding }] = (await bareTenants(app, 1)) as [Tenant];
    await sql(`UPDATE public.tenants SET status = 'deleted', deleted_at = now(), purge_after = now() WHERE id = $1`, [
      id,
    ]);
    expect((await mended('purge_unfinished')).subject).toBe(slug);
    expect(await schemaExists(binding.schema)).toBe(false);
  });

  it('is an event that was given up', async () => {
    await sql(
      `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id, attempts) VALUES ('t_0', 'x', '{}', 'r', 10)`,
    );
    expect((await mended('events_given_up')).message).toMatch(/^1 event/);
    await sql('DELETE FROM platform.outbox');
  });

  it('is a cluster with more tenants than it is meant for', async () => {
    const clusters = app.nest.get(ClustersService);
    await clusters.change('second', { capacity: 1 });
    expect(await found('cluster_full')).toMatchObject({ subject: 'second', mend: null });
    await clusters.change('second', { capacity: 100 });
    expect(await findings()).toEqual([]);
  });

  it('is a cluster that is away; the others are looked at, and nothing of it is taken for an orphan', async () => {
    const clusters = app.nest.get(Clusters);
    const { rows: moved } = await sql(`SELECT slug FROM public.tenants WHERE cluster = 'second'`);
    expect(moved.length).toBeGreaterThan(0);
    const away = new URL(second.url);
    away.port = String(await freePort());
    // As if its server were down: the address cannot be changed to one that does not answer.
    const { addressOf } = (clusters as unknown as { directory: { addressOf: (name: string) => Promise<object> } })
      .directory;
    const directory = (clusters as unknown as { directory: object }).directory;
    const address = await addressOf.call(directory, 'second');
    await clusters.forget('second');
    Object.assign(directory, { addressOf: () => Promise.resolve({ ...address, url: away.toString() }) });
    const stray = await schemas.provision();
    await sql('DELETE FROM public.ready_schemas WHERE schema_name = $1', [stray.schema]);
    try {
      const all = await findings();
      expect(all.map(({ kind }) => kind).sort()).toEqual(['cluster_unreachable', 'schema_without_tenant']);
      expect(all.find(({ kind }) => kind === 'cluster_unreachable')).toMatchObject({ subject: 'second', mend: null });
      for (const { mend } of all) await mend?.();
    } finally {
      Object.assign(directory, { addressOf });
    }
    expect(await findings()).toEqual([]);
  });
});
