import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PasswordHasher } from '../../src/platform/crypto/password-hasher.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

/** Rows of the organisation among those of all. */
const OWN = `tenant_schema = '@tenant'`;

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const attempt = (email: string, password = 'not the password at all') =>
  acme.visitor.post('/auth/login', { email, password });

/** What somebody who guesses gets to see, apart from what differs between any two answers. */
function seen({ status, headers, body }: Answer): string {
  const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return JSON.stringify([status, kept, { ...body, requestId: '' }]);
}

async function placeOf({ slug }: TestTenant): Promise<{ schema: string }> {
  const { rows } = await app.owner.query(`SELECT schema_name AS schema FROM public.tenants WHERE slug = $1`, [slug]);
  return rows[0];
}

async function sql(statement: string, ...values: unknown[]): Promise<any[]> {
  const { schema } = await placeOf(acme);
  return (await app.owner.query(statement.replaceAll('@tenant', schema), values)).rows;
}

describe('signing in', () => {
  it('says and does the same for an address that exists, one that does not, one that is off and one without a password', async () => {
    const person = await acme.join('Mia', 'member');
    const off = await acme.join('Otto', 'member');
    expectStatus(await acme.owner.patch(`/users/${off.id}`, { active: false }), 200);
    const bare = `bare@${acme.slug}.test`;
    expectStatus(await acme.owner.post('/users', { email: bare, firstName: 'B', lastName: 'B' }), 201);
    const hasher = app.nest.get(PasswordHasher);
    const compared = jest.spyOn(hasher, 'verify');
    const made = jest.spyOn(hasher, 'hash');
    const { schema } = await placeOf(acme);
    // What hears of new people would be counted as well.
    await eventually(async () => expect(await sql(`SELECT 1 FROM platform.outbox WHERE ${OWN}`)).toEqual([]), 20_000);
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    const ofTenant = () => sent.mock.calls.filter(([query]) => JSON.stringify(query).includes(schema)).length;
    await attempt(`first@${acme.slug}.test`);
    const answers: string[] = [];
    const work: number[][] = [];
    for (const email of [person.email, `nobody@${acme.slug}.test`, off.email, bare]) {
      for (const spy of [compared, made, sent]) spy.mockClear();
      answers.push(seen(await attempt(email, email === off.email ? PASSWORD : undefined)));
      work.push([compared.mock.calls.length, made.mock.calls.length, ofTenant()]);
    }
    expect(answers[0]).toContain('wrong_credentials');
    expect(new Set(answers)).toEqual(new Set([answers[0]]));
    expect(work).toEqual(work.map(() => [1, 0, work[0]![2]]));
    expect(work[0]![2]).toBeGreaterThanOrEqual(3);
    jest.restoreAllMocks();
  });

  it('takes no attempt for a second after five that failed, and for longer each time, whoever it is', async () => {
    const person = await acme.join('Ben', 'member');
    for (const email of [person.email, `stranger@${acme.slug}.test`]) {
      for (let i = 0; i < 5; i++) expectStatus(await attempt(email), 401);
      const [{ last_at: before }] = await sql(
        `SELECT last_at FROM platform.failed_sign_ins WHERE ${OWN} ORDER BY last_at DESC LIMIT 1`,
      );
      const held = await Promise.all([1, 2, 3].map(() => attempt(email, PASSWORD)));
      expect(held.map(({ status, error, headers }) => [status, error.code, headers.get('retry-after')])).toEqual(
        held.map(() => [429, 'too_many_attempts', '1']),
      );
      // What is held back is no attempt: it makes nobody wait longer.
      const [{ last_at: after }] = await sql(
        `SELECT last_at FROM platform.failed_sign_ins WHERE ${OWN} ORDER BY last_at DESC LIMIT 1`,
      );
      expect(after).toEqual(before);
    }
    await sql(`UPDATE platform.failed_sign_ins SET failures = 12, last_at = now() - interval '100 s' WHERE ${OWN}`);
    expect(Number((await attempt(person.email, PASSWORD)).headers.get('retry-after'))).toBeGreaterThan(20);
    await sql(`UPDATE platform.failed_sign_ins SET failures = 90, last_at = now() - interval '899 s' WHERE ${OWN}`);
    expectStatus(await attempt(person.email, PASSWORD), 429);
    await sql(`UPDATE platform.failed_sign_ins SET last_at = now() - interval '901 s' WHERE ${OWN}`);
    expectStatus(await attempt(person.email, PASSWORD), 200);
    // A success begins anew.
    for (let i = 0; i < 5; i++) expectStatus(await attempt(person.email), 401);
  });

  it('lets no more than five through of many at once', async () => {
    const person = await acme.join('Cem', 'member');
    const answers = await Promise.all(Array.from({ length: 30 }, () => attempt(person.email)));
    const taken = answers.filter(({ status }) => status === 401).length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(6);
  });

  it('disables a password after a hundred failures in a row, spares who is signed in, and is told to nobody', async () => {
    const person = await acme.join('Dora', 'member');
    await attempt(person.email);
    await sql(`UPDATE platform.failed_sign_ins SET failures = 99, last_at = now() - interval '1 day' WHERE ${OWN}`);
    const last = seen(await attempt(person.email));
    await sql(`UPDATE platform.failed_sign_ins SET last_at = now() - interval '1 day' WHERE ${OWN}`);
    expect(seen(await attempt(person.email, PASSWORD))).toBe(last);
    expectStatus(await person.get('/users/me'), 200);
    expectStatus(await acme.visitor.post('/auth/refresh', { refreshToken: person.refreshToken }), 200);
    // Somebody who may change people lets them in again.
    expectStatus(await person.delete(`/users/${person.id}/lockout`), 403);
    expectStatus(await acme.owner.delete(`/users/${person.id}/lockout`), 204);
    await signIn(acme.visitor, person.email);
  });

  it('brings a hash that is cheaper than those of today up to date', async () => {
    const person = await acme.join('Emil', 'member');
    // The same password with one pass, as an older release may have kept it.
    const { promisify } = await import('node:util');
    const { argon2 } = await import('node:crypto');
    const nonce = Buffer.alloc(16, 1);
    const tag = await promisify(argon2)('argon2id', {
      message: PASSWORD,
      nonce,
      memory: 8192,
      passes: 1,
      parallelism: 1,
      tagLength: 32,
    });
    const plain = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const old = `$argon2id$v=19$m=8192,t=1,p=1$${plain(nonce)}$${plain(tag)}`;
    await sql(`UPDATE "@tenant".credentials SET secret = $1 WHERE user_id = $2 AND type = 'password'`, old, person.id);
    await signIn(acme.visitor, person.email);
    const [{ hash }] = await sql(
      `SELECT secret AS hash FROM "@tenant".credentials WHERE user_id = $1 AND type = 'password'`,
      person.id,
    );
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await signIn(acme.visitor, person.email);
  });

  it('answers 503 and Retry-After when more wait than will be served soon, and everything else goes on', async () => {
    const flood = Array.from({ length: 260 }, (_, i) => attempt(`flood-${i}@${acme.slug}.test`));
    const meanwhile = await acme.owner.get('/users/me');
    const answers = await Promise.all(flood);
    const busy = answers.filter(({ status }) => status === 503);
    expect(meanwhile.status).toBe(200);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]!.error.code).toBe('sign_in_busy');
    expect(Number(busy[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is recorded, with where it came from, when it works and when it does not', async () => {
    const person = await acme.join('Fay', 'member');
    await attempt(person.email);
    const rows = await sql(
      `SELECT action, outcome, actor_id, target_id, details, address, request_id FROM "@tenant".audit_events
        WHERE target_id = $1 AND action LIKE 'sign_in%' ORDER BY id`,
      person.id,
    );
    expect(rows).toEqual([
      expect.objectContaining({
        action: 'sign_in.done',
        outcome: 'done',
        details: { method: 'password' },
        address: '127.0.0.1',
      }),
      expect.objectContaining({
        action: 'sign_in.refused',
        outcome: 'refused',
        details: { method: 'password', reason: 'wrong' },
      }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('not the password');
  });
});

describe('a new password', () => {
  const create = (password: string, name = 'Greta') =>
    acme.owner.post('/users', {
      email: `${name}.${Math.random()}@${acme.slug}.test`,
      firstName: name,
      lastName: 'Long',
      password,
    });

  it.each([
    ['short', 'fourteen chars', 'too_short'],
    ['common', 'qwertyuiop1234567890'.slice(0, 10).repeat(2), 'too_common'],
    ['the name of the person', 'Greta Long 12345', 'guessable'],
  ])('that is %s is refused, and the answer points to it', async (_, password, code) => {
    const { error } = expectStatus(await create(password), 400);
    expect(error.details).toEqual([{ pointer: '/password', code, message: expect.any(String) }]);
  });

  it('is refused at sign-up before anything is made', async () => {
    const slug = `weak-${Date.now()}`;
    const admin = { email: 'a@weak.test', password: 'too short', firstName: 'A', lastName: 'A' };
    const { error } = expectStatus(await acme.visitor.post('/tenants', { name: 'Weak', slug, admin }), 400);
    expect(error.details[0]).toMatchObject({ pointer: '/admin/password', code: 'too_short' });
    expect((await acme.visitor.get(`/tenants/availability?slug=${slug}`)).data.available).toBe(true);
  });

  it('is used exactly as it was typed', async () => {
    const password = '  Grüße, 世界 🐎 with spaces  ';
    const { data } = expectStatus(await create(password), 201);
    expectStatus(await acme.visitor.post('/auth/login', { email: data.email, password }), 200);
    expectStatus(await acme.visitor.post('/auth/login', { email: data.email, password: password.trim() }), 401);
  });
});
