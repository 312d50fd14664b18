import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { OnboardingService } from '../../src/onboarding/onboarding.service.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { prepareDatabase } from '../../src/platform/database/prepare-database.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { SystemSettingsService } from '../../src/settings/settings.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { expectStatus } from '../support/client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { preparation } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, signUp } from '../support/tenant.ts';

let app: TestApp;
let clusters: ClustersService;
const databases: TestDatabase[] = [];
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0' } });
  clusters = app.nest.get(ClustersService);
});
afterAll(async () => {
  for (const database of databases) await database.drop();
  await app.stop();
});

const database = async () => {
  const made = await createDatabase();
  databases.push(made);
  return made;
};
/** A cluster of its own for a test, which takes nobody else's sign-ups. */
async function add(name: string, options: object = {}): Promise<TestDatabase> {
  const made = await database();
  await clusters.add({ name, url: made.url, plans: ['nobody'], ...options });
  return made;
}
const clusterOf = async (slug: string) =>
  (await app.owner.query<{ cluster: string }>('SELECT cluster FROM public.tenants WHERE slug = $1', [slug])).rows[0]
    ?.cluster;
const rows = async () => (await app.owner.query('SELECT name, accepts FROM public.clusters ORDER BY created_at')).rows;

afterEach(async () => {
  await app.nest.get(SystemSettingsService).set('sign-up.region', '');
  // What a test has added takes part in the placement of no other.
  await app.owner.query(`UPDATE public.clusters SET plans = '{nobody}', region = NULL WHERE name <> 'main'`);
});

describe('adding a cluster', () => {
  it('keeps nothing of one that cannot be used, and says why', async () => {
    const before = await rows();
    const unreachable = `postgres://nobody:secret@127.0.0.1:${await freePort()}/nothing`;
    const wrongName = new URL(app.database.url);
    wrongName.pathname = '/no_such_database';
    for (const [url, reason] of [
      [unreachable, /does not answer.*ECONNREFUSED/],
      [wrongName.toString(), /does not answer.*no_such_database/],
      ['mysql://somewhere', /looks like postgres/],
      ['nonsense', /looks like postgres/],
    ] as const)
      await expect(clusters.add({ name: 'wrong', url })).rejects.toThrow(reason);
    await expect(clusters.add({ name: 'Wrong!', url: unreachable })).rejects.toMatchObject({ code: 'cluster_refused' });
    await expect(clusters.add({ name: 'main', url: unreachable })).rejects.toMatchObject({ code: 'cluster_taken' });
    expect(await rows()).toEqual(before);
    await expect(clusters.get('wrong')).rejects.toMatchObject({ code: 'cluster_not_found' });
  });

  it('keeps its password for itself', async () => {
    const { url } = await database();
    const secret = new URL(url);
    secret.password ||= 'postgres';
    secret.searchParams.set('application_name', 'very-secret-mark');
    await clusters.add({ name: 'sealed', url: secret.toString(), replicaUrl: secret.toString(), plans: ['nobody'] });
    const { rows: all } = await app.owner.query<{ table: string; text: string }>(
      `SELECT relname AS table, query_to_xml(format('SELECT * FROM public.%I', relname), true, false, '')::text AS text
         FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    expect(all.length).toBeGreaterThan(8);
    expect(all.find(({ table }) => table === 'clusters')!.text).toContain('sealed');
    expect(all.filter(({ text }) => text.includes('very-secret-mark')).map(({ table }) => table)).toEqual([]);
    expect(JSON.stringify(await clusters.list())).not.toMatch(/very-secret|postgres:/);
    // Nor does what was sealed for one cluster open for another.
    await app.owner.query(
      `INSERT INTO public.clusters (name, url, plans, accepts) SELECT 'thief', url, plans, false FROM public.clusters WHERE name = 'sealed'`,
    );
    await expect(app.nest.get(Clusters).get('thief')).rejects.toThrow();
    await app.owner.query(`DELETE FROM public.clusters WHERE name = 'thief'`);
  });

  it('refuses a database of another installation, and one that is a cluster already', async () => {
    const theirs = await database();
    await prepareDatabase(preparation(theirs));
    await expect(clusters.add({ name: 'theirs', url: theirs.url })).rejects.toThrow(/another installation/);
    await expect(clusters.add({ name: 'again', url: app.database.url })).rejects.toThrow(/is that of the cluster main/);
    const { url } = await add('first');
    await expect(clusters.add({ name: 'again', url })).rejects.toThrow(/is that of the cluster first/);
    await expect(clusters.get('again')).rejects.toMatchObject({ code: 'cluster_not_found' });
    // Taken out of use, it may become another one.
    await clusters.remove('first');
    await clusters.add({ name: 'again', url, plans: ['nobody'] });
  });
});

describe('a new organisation', () => {
  it('is placed by the region of the installation, or turned away', async () => {
    await add('swiss', { region: 'ch', plans: [] });
    await app.nest.get(SystemSettingsService).set('sign-up.region', 'ch');
    const tenant = await signUp(app);
    expect(await clusterOf(tenant.slug)).toBe('swiss');
    expectStatus(await tenant.owner.post('/projects', { name: 'In the mountains' }), 201);
    await app.nest.get(SystemSettingsService).set('sign-up.region', 'mars');
    await expect(signUp(app)).rejects.toThrow(/expected 201, got 503.*no_cluster/);
  });

  it('is placed by plan, and by load', async () => {
    const admin = { email: 'a@b.test', password: PASSWORD, firstName: 'A', lastName: 'B' };
    await add('big', { plans: ['enterprise'], capacity: 1000 });
    const onboarding = app.nest.get(OnboardingService);
    await bareTenants(app, 1);
    const create = async (slug: string, wish: object) => {
      await onboarding.create({ name: slug, slug, admin, ...wish });
      return clusterOf(slug);
    };
    expect(await create('by-plan', { plan: 'enterprise' })).toBe('big');
    expect(await create('by-other-plan', { plan: 'free' })).toBe('main');
    expect(await create('by-name', { plan: 'free', cluster: 'big' })).toBe('big');
    await expect(create('nowhere', { cluster: 'nowhere' })).rejects.toMatchObject({ code: 'cluster_not_found' });
    expect(await clusterOf('nowhere')).toBeUndefined();
  });

  it('gets to a dedicated cluster by its name alone', async () => {
    await add('dedicated', { dedicated: true, plans: [], region: 'moon' });
    await app.nest.get(SystemSettingsService).set('sign-up.region', 'moon');
    await expect(signUp(app)).rejects.toThrow(/no_cluster/);
    const admin = { email: 'a@b.test', password: PASSWORD, firstName: 'A', lastName: 'B' };
    await app.nest.get(OnboardingService).create({ name: 'Moon', slug: 'moon-base', admin, cluster: 'dedicated' });
    expect(await clusterOf('moon-base')).toBe('dedicated');
    expect(await clusters.get('dedicated')).toMatchObject({ tenants: 1, capacity: 1, dedicated: true });
    // And to one tenant only.
    const second = { name: 'Mars', slug: 'mars-base', admin, cluster: 'dedicated' };
    await expect(app.nest.get(OnboardingService).create(second)).rejects.toMatchObject({ code: 'cluster_refused' });
  });

  it('finds a schema ready on a second cluster', async () => {
    const filling = await startApp({
      database: app.database,
      settings: { READY_POOL_SIZE: '2' },
    });
    try {
      await add('ready', { region: 'eu', plans: [] });
      await filling.nest.get(ReadyPool).fill();
      const ready = () =>
        app.owner.query(`SELECT schema_name FROM public.ready_schemas WHERE cluster = 'ready' AND state = 'ready'`);
      await eventually(async () => expect((await ready()).rows).toHaveLength(2));
      const names = (await ready()).rows.map((row: { schema_name: string }) => row.schema_name);
      await app.nest.get(SystemSettingsService).set('sign-up.region', 'eu');
      const { slug } = await signUp(filling);
      const { rows: placed } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [slug]);
      expect(names).toContain(placed[0].schema_name);
    } finally {
      await filling.stop();
    }
  });
});

describe('a cluster', () => {
  it('is known to a running instance as soon as it was added', async () => {
    const other = await startApp({ database: app.database, settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
    try {
      await add('fresh', { region: 'us', plans: [] });
      await app.nest.get(SystemSettingsService).set('sign-up.region', 'us');
      const tenant = await signUp(app);
      expect(await clusterOf(tenant.slug)).toBe('fresh');
      const there = Object.assign(tenant.owner.with({}), { url: other.url });
      expectStatus(await there.get('/users/me'), 200);
      expectStatus(await there.post('/projects', { name: 'From the other one' }), 201);
    } finally {
      await other.stop();
    }
  });

  it('that gets another address is looked for there by every instance', async () => {
    const other = await startApp({ database: app.database, settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
    try {
      const { url, name } = await add('moving', { region: 'it', plans: [] });
      await app.nest.get(SystemSettingsService).set('sign-up.region', 'it');
      const tenant = await signUp(app);
      const there = Object.assign(tenant.owner.with({}), { url: other.url });
      expectStatus(await there.get('/users/me'), 200);
      // An empty database is not where its tenants are.
      const empty = await database();
      await expect(clusters.change('moving', { url: empty.url })).rejects.toThrow(/is that of|are not there/);
      expectStatus(await there.get('/users/me'), 200);

      const marked = new URL(url);
      marked.searchParams.set('application_name', 'new-address');
      await clusters.change('moving', { url: marked.toString() });
      const openTo = () =>
        app.nest
          .get(Clusters)
          .get('moving')
          .then(({ database: { ownerUrl } }) => ownerUrl);
      expect(await openTo()).toBe(marked.toString());
      await eventually(async () => {
        const { database: opened } = await other.nest.get(Clusters).get('moving');
        expect(opened.ownerUrl).toBe(marked.toString());
      });
      for (const client of [tenant.owner, there]) expectStatus(await client.get('/users/me'), 200);
      expect(name).toMatch(/^test_/);
    } finally {
      await other.stop();
    }
  });

  it('is not removed while somebody lives there, or an old copy is kept', async () => {
    await add('full');
    const [tenant] = await bareTenants(app, 1, 'full');
    await expect(clusters.remove('full')).rejects.toMatchObject({ code: 'cluster_in_use' });
    const moves = app.nest.get(MovesService);
    await moves.move(tenant!.slug, 'main');
    await expect(clusters.remove('full')).rejects.toThrow(/old copies/);
    await moves.confirm(tenant!.slug);
    const making = await app.nest.get(SchemaManager).provisionFor('full', tenant!.schemaVersion);
    await expect(clusters.remove('full')).rejects.toMatchObject({ code: 'cluster_in_use' });
    expect(await clusters.get('full')).toMatchObject({ accepts: true });
    await app.nest.get(ReadyPool).discard(making);
    await app.nest.get(SchemaManager).provision('full');
    await clusters.remove('full');
    await expect(clusters.get('full')).rejects.toMatchObject({ code: 'cluster_not_found' });
    await expect(clusters.remove('main')).rejects.toMatchObject({ code: 'cluster_refused' });
  });

  it('that is away turns away its own tenants, and nobody else', async () => {
    const down = await add('down', { region: 'xx', plans: [] });
    await app.nest.get(SystemSettingsService).set('sign-up.region', 'xx');
    const lost = await signUp(app);
    await app.nest.get(SystemSettingsService).set('sign-up.region', '');
    await app.owner.query(`UPDATE public.clusters SET plans = '{nobody}' WHERE name = 'down'`);
    const well = await signUp(app);
    expect(await clusterOf(well.slug)).toBe('main');
    // Nobody gets in any more, and who was in is put out.
    await app.owner.query(`ALTER DATABASE "${down.name}" WITH ALLOW_CONNECTIONS false`);
    await app.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [down.name]);
    try {
      // An actor is remembered for a second.
      await eventually(async () => expectStatus(await lost.owner.get('/projects'), 503));
      expectStatus(await lost.visitor.post('/auth/login', { email: lost.owner.email, password: PASSWORD }), 503);
      expectStatus(await well.owner.get('/users/me'), 200);
      expectStatus(await well.owner.post('/projects', { name: 'As ever' }), 201);
      expect(await clusterOf((await signUp(app)).slug)).toBe('main');
      const fresh = await startApp({ database: app.database, settings: { READY_POOL_SIZE: '1' } });
      try {
        const [here, away] = [well, lost].map(({ owner }) => Object.assign(owner.with({}), { url: fresh.url }));
        expectStatus(await here!.get('/users/me'), 200);
        expectStatus(await away!.get('/users/me'), 503);
        expectStatus(await here!.get('/ready'), 200);
      } finally {
        await fresh.stop();
      }
    } finally {
      await app.owner.query(`ALTER DATABASE "${down.name}" WITH ALLOW_CONNECTIONS true`);
    }
    await eventually(async () => expectStatus(await lost.owner.get('/users/me'), 200));
  });
});
