import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { v7 as newId } from 'uuid';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { BulkService } from '../../src/bulk/bulk.service.ts';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { ActorsService } from '../../src/sessions/actors.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const TABLES = ['idempotency_keys', 'bulk_runs', 'failed_sign_ins'] as const;
type Counts = Record<string, number>;

let app: TestApp;
let other: TestDatabase;
let moves: MovesService;
beforeAll(async () => {
  [app, other] = await Promise.all([startApp({ settings: { READY_POOL_SIZE: '0' } }), createDatabase()]);
  await app.nest.get(ClustersService).add({ name: 'other', url: other.url });
  await app.nest.get(ClustersService).change('other', { accepts: false });
  moves = app.nest.get(MovesService);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await other.drop();
  await app.stop();
});

const recordOf = ({ slug }: { slug: string }) => app.nest.get(TenantsService).getBySlug(slug);
const placeOf = async (tenant: { slug: string }) => (await recordOf(tenant)).binding;

/** How many rows a cluster has of a schema, or of all. */
async function rowsOn(cluster: string, schema?: string): Promise<Counts> {
  const { owner } = await app.nest.get(Clusters).get(cluster);
  const counts: Counts = {};
  for (const table of TABLES) {
    const { rows } = await owner.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM platform.${table} WHERE tenant_schema = coalesce($1, tenant_schema)`,
      [schema],
    );
    counts[table] = rows[0]!.rows;
  }
  return counts;
}

const NONE: Counts = Object.fromEntries(TABLES.map((table) => [table, 0]));

interface Filled {
  tenant: TestTenant;
  /** Repeats the request that was made with a key. */
  repeat: () => Promise<Answer>;
  projectId: string;
  runId: string;
}

/** As many as are done in the background. */
const operations = () => Array.from({ length: 101 }, () => ({ action: 'restore' as const, id: newId() }));

/** Answers that are kept, a run that is over, and a sign-in that failed four times. */
async function fill(): Promise<Filled> {
  const tenant = await signUp(app);
  const headers = { 'idempotency-key': newId() };
  const repeat = () => tenant.owner.post('/projects', { name: 'Once' }, headers);
  const { id: projectId } = expectStatus(await repeat(), 201).data;
  const { schema } = await placeOf(tenant);
  for (let more = 0; more < 205; more += 1)
    await app.owner.query(
      `INSERT INTO platform.idempotency_keys (tenant_schema, actor_id, key, fingerprint, status, headers, answer)
       VALUES ($1, $2, $3, '\\x00ff', 201, '{"etag": "\\"1\\""}', 'sealed "é" \\ text')`,
      [schema, newId(), `key "${more}" \\`],
    );
  const runId = newId();
  await app.owner.query(
    `INSERT INTO platform.bulk_runs (tenant_schema, id, actor_id, mode, state, operations, results, total, finished_at)
     VALUES ($1, $2, $3, 'each', 'done', '[]', $4, 1, now())`,
    [schema, runId, tenant.owner.id, JSON.stringify([{ status: 'done', id: projectId, version: 1 }])],
  );
  for (let time = 0; time < 4; time += 1)
    await tenant.visitor.post('/auth/login', { email: 'absent@x.test', password: 'wrong' });
  return { tenant, repeat, projectId, runId };
}

describe('what the platform keeps of a tenant', () => {
  it('goes along when it moves, and leaves nothing when the move is confirmed', async () => {
    const { tenant, repeat, projectId, runId } = await fill();
    const { schema: old } = await placeOf(tenant);
    const counts = { idempotency_keys: 206, bulk_runs: 1, failed_sign_ins: 1 };
    expect(await rowsOn('main', old)).toEqual(counts);
    const { owner } = app.nest.get(Clusters).main;
    const contents = async (pool: typeof owner, schema: string) =>
      Promise.all(
        TABLES.map(async (table) => {
          const sql = `SELECT to_jsonb(t) - 'tenant_schema' AS row FROM platform.${table} t WHERE tenant_schema = $1 ORDER BY 1`;
          return (await pool.query(sql, [schema])).rows;
        }),
      );
    const before = await contents(owner, old);

    await moves.move(tenant.slug, 'other');
    const { schema, cluster } = await placeOf(tenant);
    expect(cluster).toBe('other');
    expect(await contents((await app.nest.get(Clusters).get('other')).owner, schema)).toEqual(before);
    await eventually(async () => expectStatus(await repeat(), 201));
    const again = await repeat();
    expect([again.data.id, again.headers.get('idempotency-replayed')]).toEqual([projectId, 'true']);
    expect(expectStatus(await tenant.owner.get(`/tasks/bulk/${runId}`), 200).data.done).toBe(1);
    // The fifth failure in a row is the last that is free.
    const attempt = () => tenant.visitor.post('/auth/login', { email: 'absent@x.test', password: 'wrong' });
    expect([(await attempt()).status, (await attempt()).status]).toEqual([401, 429]);

    expect(await rowsOn('main', old)).toEqual(counts);
    await moves.confirm(tenant.slug);
    expect(await rowsOn('main', old)).toEqual(NONE);
  }, 60_000);

  it('is no part of a clone, nor of what is restored', async () => {
    const { tenant } = await fill();
    const archives = app.nest.get(TenantArchives);
    const clone = await archives.clone(tenant.slug, { slug: `${tenant.slug}-2` });
    expect(await rowsOn('main', clone.binding.schema)).toEqual(NONE);
    const archive = new PassThrough();
    const chunks: Buffer[] = [];
    archive.on('data', (chunk: Buffer) => chunks.push(chunk));
    await archives.write(await recordOf(tenant), archive, { secrets: true });
    await archives.restore(tenant.slug, Readable.from(chunks));
    expect(await rowsOn('main', (await placeOf(tenant)).schema)).toEqual(NONE);
  }, 60_000);

  it('stays where it was when the move fails', async () => {
    const { tenant, repeat, projectId } = await fill();
    const before = await rowsOn('main');
    const there = await rowsOn('other');
    jest.spyOn(app.nest.get(ReadyPool), 'take').mockRejectedValue(new Error('no further'));
    await expect(moves.move(tenant.slug, 'other')).rejects.toThrow('no further');
    expect(await rowsOn('main')).toEqual(before);
    expect(await rowsOn('other')).toEqual(there);
    await eventually(async () => expect((await repeat()).data?.id).toBe(projectId));
  }, 60_000);

  it('takes no order of a run at the old place once the runs were copied', async () => {
    const tenant = await signUp(app);
    const record = await recordOf(tenant);
    const contexts = app.nest.get(TenantContexts);
    const actor = await app.nest.get(ActorsService).findPerson(await contexts.open(record), tenant.owner.id);
    // As an instance that has not heard of the move.
    const late = await contexts.open(record, actor!);
    const schemas = app.nest.get(SchemaManager);
    const original = schemas.lockOut.bind(schemas);
    const outcomes: unknown[] = [];
    jest.spyOn(schemas, 'lockOut').mockImplementation(async (...given) => {
      const ordering = app.nest.get(BulkService).run(late, 'each', operations());
      await ordering.then(
        () => outcomes.push('stored'),
        (error: unknown) => outcomes.push(error),
      );
      await original(...given);
    });
    await moves.move(tenant.slug, 'other');
    expect(outcomes).toHaveLength(1);
    expect(String(outcomes[0])).toMatch(/lock timeout|busy/i);
    expect(await rowsOn('main', record.binding.schema)).toEqual(NONE);
  }, 60_000);
});
