import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { startMailbox } from '../support/mailbox.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

const LIMITED = { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_USER: '6', RATE_LIMIT_ADDRESS: '1000', TRUST_PROXY: '1' };

const inTurn = async <T>(times: number, ask: (i: number) => Promise<T>): Promise<T[]> => {
  const answers: T[] = [];
  while (answers.length < times) answers.push(await ask(answers.length));
  return answers;
};
const statuses = (answers: Answer[]) => answers.map(({ status }) => status);

describe('limits', () => {
  let app: TestApp;
  let acme: TestTenant;
  beforeAll(async () => {
    app = await startApp({ settings: LIMITED });
    acme = await signUp(app);
  });
  afterAll(() => app.stop());

  it('hold for a person over all their sessions, and are told in every answer', async () => {
    const again = await signIn(acme.visitor, acme.owner.email);
    const first = expectStatus(await acme.owner.get('/users/me'), 200);
    expect(first.headers.get('ratelimit-policy')).toBe('"address";q=1000;w=60, "user";q=6;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+, "user";r=5;t=\d+$/);
    const rest = await inTurn(5, (i) => (i % 2 ? again : acme.owner).get('/users/me'));
    expect(statuses(rest)).toEqual([200, 200, 200, 200, 200]);
    const refused = expectStatus(await again.get('/users/me'), 429);
    expect(refused.error.code).toBe('rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Somebody else of the organisation goes on.
    const email = `late@${acme.slug}.test`;
    const other = await signUp(app);
    expectStatus(await other.owner.get('/users/me'), 200);
    expectStatus(await other.owner.post('/users', { email, firstName: 'L', lastName: 'L', password: PASSWORD }), 201);
  });

  it('hold for an address before anything is looked up, but not for what balancers ask', async () => {
    const tight = await startApp({ settings: { ...LIMITED, RATE_LIMIT_ADDRESS: '4' } });
    try {
      const from = (address: string) => new Client(tight.url, { 'x-forwarded-for': address });
      const ask = (address: string) => from(address).get('/tenants/availability?slug=free-one');
      expect(statuses(await inTurn(5, () => ask('203.0.113.7')))).toEqual([200, 200, 200, 200, 429]);
      expectStatus(await from('203.0.113.7').get('/no-such-route'), 429);
      expectStatus(await ask('203.0.113.8'), 200);
      // A household has a whole /64 of IPv6.
      expect(statuses(await inTurn(5, (i) => ask(`2001:db8::${i + 1}`)))).toEqual([200, 200, 200, 200, 429]);
      expectStatus(await ask('2001:db8:0:1::1'), 200);
      expect(statuses(await inTurn(8, () => from('203.0.113.7').get('/health/live')))).toEqual(Array(8).fill(200));
    } finally {
      await tight.stop();
    }
  });

  it('hold for failed attempts of one address at one account, whether it exists or not', async () => {
    const other = await signUp(app);
    for (const email of [other.owner.email, `nobody@${other.slug}.test`]) {
      const attempt = (address: string, password = 'not the password') =>
        other.visitor.with({ 'x-forwarded-for': address }).post('/auth/login', { email, password });
      expect(statuses(await inTurn(5, () => attempt('198.51.100.1')))).toEqual([401, 401, 401, 401, 401]);
      const refused = expectStatus(await attempt('198.51.100.1', PASSWORD), 429);
      expect([refused.error.code, Number(refused.headers.get('retry-after')) > 60]).toEqual(['rate_limited', true]);
      // Somebody at another address is not kept out by that.
      const elsewhere = await attempt('198.51.100.2', PASSWORD);
      expect(elsewhere.error?.code).not.toBe('rate_limited');
    }
  });
});

describe('mails on the word of strangers', () => {
  it('are five an hour to one address, and nobody is told', async () => {
    const mailbox = await startMailbox();
    const app = await startApp({ settings: { ...LIMITED, SMTP_URL: mailbox.url } });
    try {
      const acme = await signUp(app);
      const answers = await inTurn(7, () => acme.visitor.post('/auth/password/forgot', { email: acme.owner.email }));
      expect(statuses(answers)).toEqual(Array(7).fill(204));
      await mailbox.to(acme.owner.email, 5, 'new password');
      const other = await signUp(app);
      expectStatus(await other.visitor.post('/auth/password/forgot', { email: other.owner.email }), 204);
      await mailbox.to(other.owner.email, 1, 'new password');
      expect(
        mailbox.received.filter(
          ({ to, subject }) => to![0]!.address === acme.owner.email && subject!.includes('new password'),
        ),
      ).toHaveLength(5);
    } finally {
      await app.stop();
      await mailbox.stop();
    }
  });
});

(hasRedis ? describe : describe.skip)('limits with Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('hold over all instances', async () => {
    const one = await startApp({ settings: { ...LIMITED, REDIS_URL: redis.url } });
    const two = await startApp({ settings: { ...LIMITED, REDIS_URL: redis.url }, database: one.database });
    try {
      const acme = await signUp(one);
      const elsewhere = new Client(two.url).as(acme.owner.accessToken);
      const answers = await inTurn(7, (i) => (i % 2 ? elsewhere : acme.owner).get('/users/me'));
      expect(statuses(answers)).toEqual([200, 200, 200, 200, 200, 200, 429]);
    } finally {
      await two.stop();
      await one.stop();
    }
  });
});
