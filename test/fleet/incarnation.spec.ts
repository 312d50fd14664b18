import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { RegistryBeat } from '../../src/platform/database/registry-beat.service.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { createDatabase, serverUrl, type TestDatabase } from '../support/database.ts';
import { projectflow } from '../support/projectflow.ts';

const settings = { READY_POOL_SIZE: '0' };
const REFUSED = /projectflow installation adopt --confirm/;

let original: TestDatabase;
let cluster: TestDatabase;
let copy: TestDatabase;
beforeAll(async () => {
  [original, cluster] = [await createDatabase(), await createDatabase()];
  const app = await startApp({ database: original, settings });
  await app.nest.get(ClustersService).add({ name: 'second', url: cluster.url });
  const [leaving] = await bareTenants(app, 1, 'second');
  await app.nest.get(SchemaManager).provision();
  // Its grace period is over in the copy: whatever purges there would purge a customer who was brought back meanwhile.
  await app.owner.query(
    `UPDATE public.tenants SET status = 'deleted', deleted_at = now(), purge_after = now() - interval '1 day' WHERE id = $1`,
    [leaving!.id],
  );
  await app.stop();
  copy = await copyOf(original);
});
afterAll(async () => {
  // Their roles are those of the original.
  await on(serverUrl(), `DROP DATABASE ${copy.name} WITH (FORCE)`);
  await cluster.drop();
  await original.drop();
});

async function copyOf({ name }: TestDatabase): Promise<TestDatabase> {
  const made = await createDatabase();
  await on(serverUrl(), `DROP DATABASE ${made.name}`);
  await on(serverUrl(), `CREATE DATABASE ${made.name} TEMPLATE ${name}`);
  return made;
}

async function on(url: string, sql: string, values: unknown[] = []): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const schemasThere = () => on(cluster.url, `SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{16}$'`);
const at = (database: TestDatabase) => ({ database }) as TestApp;
const start = (database: TestDatabase) => startApp({ database, settings });
async function startAndStop(database: TestDatabase): Promise<void> {
  await (await start(database)).stop();
}

describe('a copy of the registry', () => {
  it('is refused by every process before anything is done', async () => {
    const [before] = await on(copy.url, `SELECT count(*)::int AS events FROM public.operator_events`);
    await expect(start(copy)).rejects.toThrow(REFUSED);
    for (const command of [
      ['tenant', 'list'],
      ['tenant', 'doctor', '--fix'],
      ['setting', 'set', 'sign-up.open', 'false'],
    ]) {
      const { code, stderr } = await projectflow(at(copy), command);
      expect(code).toBe(1);
      expect(stderr).toMatch(REFUSED);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(await schemasThere()).toHaveLength(1);
    expect(await on(copy.url, `SELECT count(*)::int AS events FROM public.operator_events`)).toEqual([before]);
    await startAndStop(original);
  });

  it('is one as well where a cluster has seen a later state of the registry', async () => {
    const later = (minutes: number) =>
      on(
        cluster.url,
        `UPDATE platform.settings SET value = jsonb_set(value, '{beat}', to_jsonb((value ->> 'beat')::bigint + $1)) WHERE key = 'registry'`,
        [minutes],
      );
    // A failover that lost a moment is none.
    await later(3);
    await startAndStop(original);
    await later(60);
    await expect(start(original)).rejects.toThrow(/as it was 63 minutes later[^]*installation adopt --confirm/);
    await later(-63);
    await startAndStop(original);
  });

  it('is one as well when it is resumed as it ran: it asks the clusters before it goes on', async () => {
    const running = await start(original);
    const beat = async () => {
      await running.nest.get(RegistryBeat).beat();
      const sql = `SELECT (value ->> 'beat')::int AS beat FROM public.system_settings WHERE key = 'incarnation'`;
      return (await on(original.url, sql))[0].beat as number;
    };
    const put = (minute: number) =>
      on(
        original.url,
        `UPDATE public.system_settings SET value = jsonb_set(value, '{beat}', to_jsonb($1::bigint)) WHERE key = 'incarnation'`,
        [minute],
      );
    try {
      await running.nest.get(Clusters).get('second');
      const now = await beat();
      await put(now - 20);
      expect(await beat()).toBe(now - 20);
      await put(now);
      expect(await beat()).toBeGreaterThanOrEqual(now);
    } finally {
      await running.stop();
    }
  });

  it('takes the place of the original when an operator says so, and then the original is the copy', async () => {
    const asked = await projectflow(at(copy), ['installation', 'adopt']);
    expect(asked.code).toBe(1);
    expect(asked.stdout).toMatch(/second: 1 organisations; obeys/);
    await expect(start(copy)).rejects.toThrow(REFUSED);

    const wrong = await projectflow(at(copy), ['installation', 'adopt', '--confirm', '--leave', 'third']);
    expect(wrong.stderr).toMatch(/no cluster third beside main[^]*second/);
    const running = await start(original);
    try {
      const adopted = await projectflow(at(copy), ['installation', 'adopt', '--confirm']);
      expect(adopted).toMatchObject({ code: 0, stderr: '' });
      // The original hears of it while it runs, and lets the cluster go.
      await running.nest.get(Clusters).get('second');
      await running.nest.get(RegistryBeat).beat();
      await expect(running.nest.get(Clusters).get('second')).rejects.toMatchObject({
        reason: expect.stringMatching(/another incarnation/),
      });
    } finally {
      await running.stop();
    }
    await expect(start(original)).rejects.toThrow(/another incarnation[^]*adopt/);

    const [event] = await on(copy.url, `SELECT * FROM public.operator_events WHERE action = 'installation.adopt'`);
    expect(event).toMatchObject({ outcome: 'done', os_user: expect.stringMatching(/./) });
    // What an old copy may be wrong about is harmless: nobody is purged at once, and nothing counts as ready.
    const app = await start(copy);
    try {
      const { rows } = await app.owner.query(
        `SELECT purge_after > now() + interval '6 days' AS later, (SELECT count(*)::int FROM public.ready_schemas) AS ready
           FROM public.tenants WHERE status = 'deleted'`,
      );
      expect(rows).toEqual([{ later: true, ready: 0 }]);
      expect(await schemasThere()).toHaveLength(1);
    } finally {
      await app.stop();
    }
  });

  it('does not let a cluster be added that obeys another one', async () => {
    const app = await start(copy);
    try {
      const other = await createDatabase();
      await app.nest.get(ClustersService).add({ name: 'third', url: other.url });
      await on(other.url, `UPDATE platform.settings SET value = value || '{"id": "another"}' WHERE key = 'registry'`);
      await app.nest.get(Clusters).forget('third');
      await app.owner.query(`DELETE FROM public.clusters WHERE name = 'third'`);
      await expect(app.nest.get(ClustersService).add({ name: 'third', url: other.url })).rejects.toThrow(
        /another incarnation/,
      );
      await other.drop();
    } finally {
      await app.stop();
    }
  });
});

describe('a drill', () => {
  it('runs on copies of the clusters, and leaves the original alone', async () => {
    const [before] = await on(cluster.url, `SELECT value FROM platform.settings WHERE key = 'registry'`);
    const [drill, there] = [await copyOf(copy), await copyOf(cluster)];
    const adopted = await projectflow(at(drill), [
      'installation',
      'adopt',
      '--confirm',
      '--cluster-url',
      `second=${there.url}`,
    ]);
    expect(adopted).toMatchObject({ code: 0, stderr: '' });
    const app = await start(drill);
    expect((await app.nest.get(Clusters).get('second')).database.ownerUrl).toBe(there.url);
    await app.stop();
    expect(await on(cluster.url, `SELECT value FROM platform.settings WHERE key = 'registry'`)).toEqual([before]);
    await startAndStop(copy);
    await on(serverUrl(), `DROP DATABASE ${drill.name} WITH (FORCE)`);
    await on(serverUrl(), `DROP DATABASE ${there.name} WITH (FORCE)`);
  });
});

describe('an owner without superuser rights', () => {
  it('is enough', async () => {
    const database = await createDatabase();
    const role = `owner_of_${database.name}`;
    await on(serverUrl(), `CREATE ROLE ${role} LOGIN CREATEROLE PASSWORD 'plain'`);
    await on(serverUrl(), `ALTER DATABASE ${database.name} OWNER TO ${role}`);
    await on(database.url, `CREATE EXTENSION IF NOT EXISTS pg_trgm; DROP EXTENSION pg_trgm`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'plain'];
    const plain: TestDatabase = { ...database, url: url.toString() };
    const app = await start(plain);
    const [{ value }] = (await on(
      database.url,
      `SELECT value FROM public.system_settings WHERE key = 'incarnation'`,
    )) as any;
    expect(value).toMatchObject({ database: expect.stringMatching(/^\d+$/), id: expect.stringMatching(/./) });
    await app.stop();
    await startAndStop(plain);
    await database.drop();
    await on(serverUrl(), `DROP OWNED BY ${role}`);
    await on(serverUrl(), `DROP ROLE IF EXISTS ${role}`);
  });
});
