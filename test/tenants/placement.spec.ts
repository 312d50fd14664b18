import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { ClusterHealth } from '../../src/platform/database/cluster-health.service.ts';
import { ReadyPool } from '../../src/platform/database/ready-pool.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { command } from '../support/command.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { signUp } from '../support/tenant.ts';

let app: TestApp;
let eu: TestDatabase;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '1' } });
  eu = await createDatabase();
  await app.nest.get(ClustersService).add({ name: 'eu', url: eu.url });
  // Whoever is placed goes there first.
  await app.nest.get(ClustersService).change('main', { capacity: 1 });
  await signUp(app);
  await app.nest.get(ReadyPool).fill();
});
afterAll(async () => {
  await setAway(false);
  // Before the roles that own something in it.
  await eu.drop();
  await app.stop();
});

async function setAway(away: boolean): Promise<void> {
  await app.owner.query(`ALTER DATABASE ${eu.name} ALLOW_CONNECTIONS ${!away}`);
  if (away)
    await app.owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [eu.name]);
}

const clusterOf = async (slug: string) => (await app.nest.get(TenantsService).getBySlug(slug)).binding.cluster;
const health = async () => (await new Client(app.url).get('/health')).body;

describe('a cluster that falls away', () => {
  it('keeps nobody from signing up, not even the one under whom it falls away', async () => {
    expect(await clusterOf((await signUp(app)).slug)).toBe('eu');
    await setAway(true);
    const slugs = [];
    for (let i = 0; i < 5; i += 1) slugs.push((await signUp(app)).slug);
    for (const slug of slugs) expect(await clusterOf(slug)).toBe('main');
    // Nobody is left half-made under a slug that others want.
    const { rows } = await app.owner.query(
      `SELECT slug FROM public.tenants WHERE status NOT IN ('active') AND slug NOT LIKE 'abandoned-%'`,
    );
    expect(rows).toEqual([]);
  });

  it('is shown as what it is by /health and cluster list, with since when', async () => {
    await app.nest.get(ClusterHealth).look();
    expect(await health()).toMatchObject({
      status: 'degraded',
      services: {
        clusters: expect.arrayContaining([
          { name: 'main', status: 'up', since: expect.any(String) },
          { name: 'eu', status: 'down', since: expect.any(String) },
        ]),
      },
    });
    const listed = await command(app, 'cluster', 'list');
    expect(listed.error).toBeNull();
    expect(listed.stdout).toMatch(/main .*yes\n[^]*eu .*no, since 20\d\d-[^]*not currently accepting connections/);
    const create = (slug: string, ...more: string[]) =>
      command(app, 'tenant', 'create', '--slug', slug, '--name', 'B', '--email', 'b@b.test', ...more);
    expect((await create('by-command')).error).toBeNull();
    expect(await clusterOf('by-command')).toBe('main');
    const { error } = await create('named', '--cluster', 'eu');
    expect(error).toBeInstanceOf(OperatorError);
    expect(error!.message).toMatch(/cluster eu cannot be used[^]*projectflow cluster/);
  });

  it('takes new ones again when it is back', async () => {
    await setAway(false);
    await eventually(async () => {
      await app.nest.get(ClusterHealth).look();
      expect((await health()).status).toBe('healthy');
    });
    expect(await clusterOf((await signUp(app)).slug)).toBe('eu');
    expect((await app.owner.query('SELECT 1 FROM public.clusters WHERE away_since IS NOT NULL')).rows).toEqual([]);
  });
});

describe('a sign-up that died', () => {
  it('has no slug that the next one cannot have', async () => {
    const { slug, id } = await signUp(app);
    await app.owner.query(
      `UPDATE public.tenants SET status = 'provisioning', created_at = now() - interval '61 seconds' WHERE id = $1`,
      [id],
    );
    await app.nest.get(TenantsService).forget(await app.nest.get(TenantsService).get(id));
    const again = await signUp(app, slug);
    expect(again.id).not.toBe(id);
    expect(await clusterOf(slug)).toBe('eu');
  });
});
