import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Cache } from '../../src/platform/cache/cache.ts';
import { News } from '../../src/platform/cache/news.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp } from '../support/tenant.ts';

const HOUR = 3_600_000;

let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  one = await startApp();
  two = await startApp({ database: one.database });
});
beforeEach(() => hearing(one, two));
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await two.stop();
  await one.stop();
});

/** Waits until both listen, so that a copy of theirs may live as long as its ttl. */
async function hearing(...apps: TestApp[]): Promise<void> {
  await eventually(async () => expect(apps.map((app) => app.nest.get(News).isComplete)).toEqual(apps.map(() => true)));
}

const now = Date.now.bind(Date);

/** All copies of this process are older by so much at once; not added to an earlier call. */
function letPass(milliseconds: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => now() + milliseconds);
}

interface Source {
  /** What the source says now. */
  value: string;
  at(app: TestApp): Promise<string>;
  forgottenBy(app: TestApp): Promise<void>;
}

function source(key: string): Source {
  const made: Source = {
    value: 'old',
    at: (app) => app.nest.get(Cache).getOrLoad(key, HOUR, async () => made.value),
    forgottenBy: (app) => app.nest.get(Cache).forget(key),
  };
  return made;
}

/** Closes the connections that listen, and keeps them away until `end`. */
async function cutOff(app: TestApp): Promise<{ end(): Promise<void> }> {
  const listening = `application_name = 'projectflow listen' AND datname = current_database()`;
  const { rows } = await app.owner.query<{ usename: string }>(
    `SELECT usename FROM pg_stat_activity WHERE ${listening}`,
  );
  const login = rows[0]!.usename;
  await app.owner.query(`ALTER ROLE "${login}" NOLOGIN`);
  const killed = await app.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${listening}`);
  expect(killed.rowCount).toBe(2);
  return { end: async () => void (await app.owner.query(`ALTER ROLE "${login}" LOGIN`)) };
}

describe('two instances without Redis', () => {
  it('keep a copy for its whole life while they hear of changes', async () => {
    const row = source('test:kept');
    expect(await row.at(two)).toBe('old');
    row.value = 'new';
    letPass(HOUR / 2);
    expect(await row.at(two)).toBe('old');
    letPass(HOUR);
    expect(await row.at(two)).toBe('new');
  });

  it('forget together', async () => {
    const row = source('test:forgotten');
    expect([await row.at(one), await row.at(two)]).toEqual(['old', 'old']);
    row.value = 'new';
    await row.forgottenBy(one);
    expect(await row.at(one)).toBe('new');
    await eventually(async () => expect(await row.at(two)).toBe('new'));
  });

  it('do not keep what the other one changed while it was being loaded', async () => {
    const cache = two.nest.get(Cache);
    const slow = cache.getOrLoad('test:race', HOUR, async () => {
      const heard = source('test:heard');
      await heard.at(two);
      heard.value = 'heard';
      await one.nest.get(Cache).forget('test:race');
      // News arrive in the order in which they were told.
      await heard.forgottenBy(one);
      await eventually(async () => expect(await heard.at(two)).toBe('heard'));
      return 'read before the change';
    });
    expect(await slow).toBe('read before the change');
    expect(await cache.getOrLoad('test:race', HOUR, async () => 'read after it')).toBe('read after it');
  });

  it('both refuse a tenant that one of them suspended', async () => {
    const acme = await signUp(one);
    const elsewhere = new Client(two.url).as(acme.owner.accessToken);
    expectStatus(await elsewhere.get('/users/me'), 200);
    await one.nest.get(TenantsService).suspend(acme.slug);
    await eventually(async () => expectStatus(await elsewhere.get('/users/me'), 403));
  });
});

describe('an instance that hears nothing', () => {
  it('uses no copy for longer than a second, and drops them all when it hears again', async () => {
    const [missed, later] = [source('test:missed'), source('test:later')];
    expect([await missed.at(two), await later.at(two)]).toEqual(['old', 'old']);
    const silence = await cutOff(one);
    try {
      await eventually(async () => expect(two.nest.get(News).isComplete).toBe(false));
      missed.value = 'new';
      await missed.forgottenBy(one);
      expect(await missed.at(two)).toBe('new');
      await later.at(two);
      later.value = 'new';
      await later.forgottenBy(one);
      expect(await later.at(two)).toBe('old');
      letPass(1_000);
      expect(await later.at(two)).toBe('new');
      later.value = 'newest';
    } finally {
      await silence.end();
    }
    await eventually(() => hearing(two), 20_000);
    expect(await later.at(two)).toBe('newest');
  });

  it('serves as before', async () => {
    const acme = await signUp(one);
    const silence = await cutOff(one);
    try {
      expectStatus(await new Client(two.url).as(acme.owner.accessToken).get('/users/me'), 200);
    } finally {
      await silence.end();
    }
  });
});

describe('news', () => {
  it('that are too long are told to nobody, and harm nobody', async () => {
    const heard: string[] = [];
    two.nest.get(News).on('test', (text) => heard.push(text));
    await one.nest.get(News).publish('test', 'x'.repeat(10_000));
    await one.nest.get(News).publish('test', 'y'.repeat(5_000));
    await eventually(async () => expect(heard).toEqual(['y'.repeat(5_000)]));
  });
});
