import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import { UsageMeter } from '../../src/platform/usage/usage-meter.ts';
import { SubscriptionsJobs } from '../../src/subscriptions/subscriptions.jobs.ts';
import { UsageService } from '../../src/subscriptions/usage.service.ts';
import { writeFile } from 'node:fs/promises';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  acme = await signUp(app);
});
afterAll(() => app.stop());

const USAGE = '/tenants/current/usage';
const today = async () =>
  (await app.owner.query(`SELECT (now() AT TIME ZONE 'UTC')::date::text AS today`)).rows[0].today as string;

async function counted(tenant: TestTenant): Promise<number> {
  const { rows } = await app.owner.query(
    'SELECT coalesce(sum(requests), 0)::int AS requests FROM public.usage_daily WHERE tenant_id = $1',
    [tenant.id],
  );
  return rows[0].requests;
}

describe('the use of an organisation', () => {
  it('counts the requests of each day, refused ones too, and nobody else’s', async () => {
    const other = await signUp(app);
    await app.nest.get(UsageMeter).flush();
    const [mine, theirs] = [await counted(acme), await counted(other)];
    for (let times = 0; times < 5; times += 1) expectStatus(await acme.owner.get('/users/me'), 200);
    expectStatus(await acme.owner.get('/projects?colour=red'), 400);
    expectStatus(await acme.visitor.get('/tenants/current'), 200);
    expectStatus(await other.owner.get('/users/me'), 200);
    // Nobody is asked to count what is not any organisation's.
    expectStatus(await new Client(app.url).as('no token').get('/users/me'), 401);
    await app.nest.get(UsageMeter).flush();
    expect([await counted(acme), await counted(other)]).toEqual([mine + 7, theirs + 1]);
    await app.nest.get(UsageMeter).flush();
    expect(await counted(acme)).toBe(mine + 7);
  });

  it('is written when the process stops', async () => {
    const second = await startApp({ database: app.database, settings: { WORKER: 'false' } });
    await app.nest.get(UsageMeter).flush();
    const before = await counted(acme);
    const client = new Client(second.url).as(acme.owner.accessToken);
    for (let times = 0; times < 3; times += 1) expectStatus(await client.get('/users/me'), 200);
    await second.stop();
    expect(await counted(acme)).toBe(before + 3);
  });

  it('is kept for the next time when it cannot be written', async () => {
    await app.nest.get(UsageMeter).flush();
    const before = await counted(acme);
    expectStatus(await acme.owner.get('/users/me'), 200);
    await app.owner.query('ALTER TABLE public.usage_daily RENAME TO usage_away');
    await app.nest.get(UsageMeter).flush();
    await app.owner.query('ALTER TABLE public.usage_away RENAME TO usage_daily');
    expectStatus(await acme.owner.get('/users/me'), 200);
    await app.nest.get(UsageMeter).flush();
    expect(await counted(acme)).toBe(before + 2);
  });

  it('is measured: active people, projects, tables and files', async () => {
    await acme.project('Apollo');
    const mia = await acme.join('Mia', 'member');
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    await app.nest.get(UsageMeter).flush();
    await app.nest.get(SubscriptionsJobs).measureUsage();
    const [first] = expectStatus(await acme.owner.get(USAGE), 200).data;
    expect(first).toMatchObject({ day: await today(), users: 1, projects: 1 });
    expect(first.storageBytes).toBeGreaterThan(100_000);
    await writeFile(await app.nest.get(TenantFiles).pathTo(acme.id, 'large'), Buffer.alloc(5_000_000));
    await app.nest.get(UsageService).measureAll();
    const [second] = (await acme.owner.get(USAGE)).data;
    expect(second.storageBytes - first.storageBytes).toBe(5_000_000);
    const { rows } = await app.owner.query('SELECT storage_bytes::int AS bytes FROM public.tenants WHERE id = $1', [
      acme.id,
    ]);
    expect(rows[0].bytes).toBe(second.storageBytes);
  });

  it('is told for the days that are asked for, without those that had none', async () => {
    await app.owner.query(
      `INSERT INTO public.usage_daily (tenant_id, day, requests, users, projects, storage_bytes)
       VALUES ($1, '2024-02-28', 5, 1, 2, 3), ($1, '2024-02-29', 9007199254740991, 4, 5, 6), ($1, '2024-03-02', 7, 1, 1, 1)`,
      [acme.id],
    );
    const leap = await acme.owner.get(`${USAGE}?from=2024-02-29&to=2024-03-01`);
    expect(leap.data).toEqual([
      { day: '2024-02-29', requests: 9_007_199_254_740_991, users: 4, projects: 5, storageBytes: 6 },
    ]);
    expect((await acme.owner.get(`${USAGE}?to=2024-03-02`)).data).toHaveLength(3);
    expect((await acme.owner.get(`${USAGE}?from=2024-03-02&to=2024-03-02`)).data).toHaveLength(1);
    expect((await acme.owner.get(`${USAGE}?from=2024-01-01&to=2024-12-31`)).status).toBe(200);
    const other = await signUp(app);
    expect((await other.owner.get(`${USAGE}?from=2024-01-01&to=2024-12-31`)).data).toEqual([]);
  });

  it.each([
    ['from=2024-03-02&to=2024-03-01', '?from', 'period'],
    ['from=2023-01-01&to=2024-12-31', '?from', 'period'],
    ['from=yesterday', '?from', 'period'],
    ['to=2024-02-30', '?to', 'period'],
    ['to=2024-02-01&to=2024-02-02', '?to', 'period'],
    ['since=2024-01-01', '?since', 'unknown_parameter'],
  ])('cannot be asked for with ?%s', async (query, pointer, code) => {
    expect(await acme.owner.get(`${USAGE}?${query}`)).toMatchObject({
      status: 400,
      error: { code: 'invalid_query', details: [{ pointer, code }] },
    });
  });
});
