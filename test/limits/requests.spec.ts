import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TenantDirectory, type Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { RequestCounts } from '../../src/platform/limits/request-counts.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

/** From now on the tenant has this limit, as if its plan said so. */
function limit(tenant: TestTenant, requestsPerMinute: number, ...apps: TestApp[]): void {
  for (const app of apps) {
    const directory = app.nest.get(TenantDirectory);
    const limited = (found: Tenant | null) =>
      found?.id === tenant.id ? { ...found, limits: { ...found.limits, requestsPerMinute } } : found;
    const { findById, findBySlug } = directory;
    directory.findById = async (id) => limited(await findById.call(directory, id));
    directory.findBySlug = async (slug) => limited(await findBySlug.call(directory, slug));
  }
}

/** What an answer says of the limit. */
function quota({ headers }: Answer): { policy: string | null; left: number; reset: number } {
  const [, left, reset] = /^"tenant";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
  return { policy: headers.get('ratelimit-policy'), left: Number(left), reset: Number(reset) };
}

const inTurn = async <T>(times: number, ask: () => Promise<T>): Promise<T[]> => {
  const answers: T[] = [];
  while (answers.length < times) answers.push(await ask());
  return answers;
};

describe('the requests of a tenant', () => {
  let app: TestApp;
  let acme: TestTenant;
  let other: TestTenant;
  beforeAll(async () => {
    app = await startApp();
    acme = await signUp(app);
    other = await signUp(app);
    limit(acme, 5, app);
  });
  afterAll(() => app.stop());

  it('are counted, also when they fail or only a token names the tenant, and refused beyond the limit', async () => {
    const byToken = new Client(app.url).as(acme.owner.accessToken);
    const first = expectStatus(await acme.owner.get('/users/me'), 200);
    const second = expectStatus(await byToken.get('/users/me'), 200);
    const third = expectStatus(await acme.owner.get('/projects?colour=red'), 400);
    expect([first, second, third].map((answer) => quota(answer).left)).toEqual([4, 3, 2]);
    expect(quota(first)).toMatchObject({ policy: '"tenant";q=5;w=60', reset: expect.any(Number) });
    // Strangers who ask in its name use up nothing of its plan, or anybody could keep it out.
    const stranger = await inTurn(5, () =>
      acme.visitor.post('/auth/login', { email: acme.owner.email, password: 'wrong' }),
    );
    expect(new Set(stranger.map((answer) => answer.status))).toEqual(new Set([401]));
    for (const left of [1, 0]) expect(quota(expectStatus(await acme.owner.get('/projects'), 200)).left).toBe(left);
    const refused = expectStatus(await byToken.get('/projects'), 429);
    expect(refused.error).toMatchObject({ code: 'rate_limited', message: expect.stringMatching(/ free .* 5 .* 6\./) });
    expect(refused.body).toMatchObject({ title: 'Too Many Requests', status: 429 });
    expect(quota(refused)).toMatchObject({ policy: '"tenant";q=5;w=60', left: 0 });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBe(quota(refused).reset);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it('are none of its neighbour, who has no limit and hears of none', async () => {
    for (const answer of await inTurn(8, () => other.owner.get('/users/me'))) {
      expectStatus(answer, 200);
      expect([answer.headers.get('ratelimit'), answer.headers.get('ratelimit-policy')]).toEqual([null, null]);
    }
  });

  it('that are made by nobody known are not counted', async () => {
    const answer = expectStatus(await new Client(app.url).as('no token').get('/users/me'), 401);
    expect(answer.headers.get('ratelimit')).toBeNull();
  });
});

(hasRedis ? describe : describe.skip)('two instances that share a Redis (apt-get install redis-server)', () => {
  let redis: TestRedis;
  let one: TestApp;
  let two: TestApp;
  beforeAll(async () => {
    redis = await startRedis();
    one = await startApp({ settings: { REDIS_URL: redis.url } });
    two = await startApp({ settings: { REDIS_URL: redis.url }, database: one.database });
  });
  afterAll(async () => {
    await two.stop();
    await one.stop();
    await redis.stop();
  });

  it('count together, and each for itself while it is away', async () => {
    const acme = await signUp(one);
    limit(acme, 6, one, two);
    const elsewhere = new Client(two.url).as(acme.owner.accessToken);
    for (let turn = 0; turn < 3; turn += 1) {
      expectStatus(await acme.owner.get('/users/me'), 200);
      expectStatus(await elsewhere.get('/users/me'), 200);
    }
    expectStatus(await acme.owner.get('/users/me'), 429);
    expectStatus(await elsewhere.get('/users/me'), 429);
    await redis.stop();
    await eventually(async () => expect(quota(await elsewhere.get('/users/me')).left).toBeGreaterThan(0));
    const answers = await inTurn(8, () => elsewhere.get('/users/me'));
    expect(answers.at(-1)!.status).toBe(429);
  });
});

describe('counting', () => {
  it('keeps those of one kind and key apart from all others', async () => {
    const counts = new RequestCounts(null, 'test');
    expect((await counts.count('tenant', 'a')).used).toBe(1);
    expect((await counts.count('tenant', 'a')).used).toBe(2);
    expect((await counts.count('tenant', 'b')).used).toBe(1);
  });
});
