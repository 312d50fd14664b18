import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cache } from '../../src/platform/cache/cache.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let redis: TestRedis;
let one: TestApp;
let two: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  if (!hasRedis) return;
  redis = await startRedis();
  one = await startApp({ settings: { REDIS_URL: redis.url } });
  two = await startApp({ settings: { REDIS_URL: redis.url }, database: one.database });
  acme = await signUp(one);
});
afterAll(async () => {
  if (!hasRedis) return;
  await two.stop();
  await one.stop();
  await redis.stop();
});

(hasRedis ? describe : describe.skip)('two instances that share a Redis (apt-get install redis-server)', () => {
  it('load a value once between them, and forget it together', async () => {
    const [here, there] = [one.nest.get(Cache), two.nest.get(Cache)];
    let loads = 0;
    const load = async () => ({ loads: ++loads });
    expect(await here.getOrLoad('test:shared', 60_000, load)).toEqual({ loads: 1 });
    expect(await there.getOrLoad('test:shared', 60_000, load)).toEqual({ loads: 1 });
    await there.forget('test:shared');
    await eventually(async () => expect(await here.getOrLoad('test:shared', 60_000, load)).not.toEqual({ loads: 1 }));
    expect(await there.getOrLoad('test:shared', 60_000, load)).not.toEqual({ loads: 1 });
  });

  it('ask the source once however many ask at the same moment', async () => {
    let loads = 0;
    const load = () => new Promise<number>((resolve) => setTimeout(() => resolve(++loads), 20));
    const cache = one.nest.get(Cache);
    expect(
      new Set(await Promise.all(Array.from({ length: 50 }, () => cache.getOrLoad('test:flight', 60_000, load)))),
    ).toEqual(new Set([1]));
  });

  it('do not keep what was forgotten while it was being loaded', async () => {
    const cache = one.nest.get(Cache);
    const slow = cache.getOrLoad('test:race', 60_000, async () => {
      await cache.forget('test:race');
      return 'read before the change';
    });
    expect(await slow).toBe('read before the change');
    expect(await cache.getOrLoad('test:race', 60_000, async () => 'read after the change')).toBe(
      'read after the change',
    );
  });

  it('both refuse a tenant that one of them suspended', async () => {
    const elsewhere = new Client(two.url).as(acme.owner.accessToken);
    expectStatus(await elsewhere.get('/users/me'), 200);
    await one.nest.get(TenantsService).suspend(acme.slug);
    await eventually(async () => expectStatus(await elsewhere.get('/users/me'), 403));
    await one.nest.get(TenantsService).resume(acme.slug);
    await eventually(async () => expectStatus(await elsewhere.get('/users/me'), 200));
  });

  it('keep serving while Redis is away, say so, and find it again', async () => {
    expect((await new Client(one.url).get('/health')).body).toMatchObject({
      status: 'healthy',
      services: { redis: { status: 'up' } },
    });
    const [here, there] = [one.nest.get(Cache), two.nest.get(Cache)];
    await redis.stop();
    await eventually(async () =>
      expect((await new Client(one.url).get('/health')).body).toMatchObject({
        status: 'degraded',
        services: { redis: { status: 'down' } },
      }),
    );
    expect(await there.getOrLoad('test:away', 60_000, async () => 'old')).toBe('old');
    await here.forget('test:away');
    await eventually(async () => expect(await there.getOrLoad('test:away', 60_000, async () => 'new')).toBe('new'));
    expectStatus(await acme.owner.post('/projects', { name: 'Without Redis' }), 201);
    expectStatus(await new Client(one.url).get('/health/ready'), 200);
    await redis.start();
    await eventually(
      async () => expect((await new Client(one.url).get('/health')).body.status).toBe('healthy'),
      15_000,
    );
  });
});
