import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let nobody: Client;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app, 'acme');
  nobody = new Client(app.url);
});
afterAll(() => app.stop());

async function schemaOf(slug: string): Promise<string> {
  const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [slug]);
  return rows[0].schema_name;
}

describe('logging in', () => {
  it('gives the user and tokens, finds the address in any case, and remembers when', async () => {
    const answer = await acme.visitor.post('/auth/login', {
      email: acme.owner.email.toUpperCase(),
      password: PASSWORD,
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.data).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'user']);
    expect(Date.now() - Date.parse(answer.data.user.lastLoginAt)).toBeLessThan(60_000);
    expect(JSON.stringify(answer.body)).not.toMatch(/argon2|passwordHash/);
  });

  it('answers the same for a wrong password, an unknown address and a deactivated account', async () => {
    const gone = await acme.join('Gone', 'member');
    expectStatus(await acme.owner.patch(`/users/${gone.id}`, { active: false }), 200);
    const answers = await Promise.all([
      acme.visitor.post('/auth/login', { email: acme.owner.email, password: 'not the password at all' }),
      acme.visitor.post('/auth/login', { email: 'nobody@acme.test', password: PASSWORD }),
      acme.visitor.post('/auth/login', { email: gone.email, password: PASSWORD }),
    ]);
    const seen = answers.map(({ status, body }) => ({ status, ...body, requestId: '' }));
    expect(seen[0]).toMatchObject({ status: 401, error: { code: 'wrong_credentials' } });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  it('keeps neither password nor token readable in the database', async () => {
    const schema = await schemaOf('acme');
    const users = await app.owner.query(`SELECT secret AS hash FROM "${schema}".credentials WHERE type = 'password'`);
    expect(users.rows.every((row) => /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/.test(row.hash))).toBe(true);
    const tokens = await app.owner.query(
      `SELECT encode(hash, 'hex') AS hash FROM "${schema}".tokens WHERE purpose = 'refresh'`,
    );
    expect(tokens.rows.length).toBeGreaterThan(0);
    const key = await app.owner.query('SELECT private_key FROM public.signing_keys');
    expect(key.rows[0].private_key).toMatch(/^v1\./);
  });
});

describe('refreshing', () => {
  it('needs no header, gives a new pair, and the old token’s successor again within seconds', async () => {
    const first = await signIn(acme.visitor, acme.owner.email);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => nobody.post('/auth/refresh', { refreshToken: first.refreshToken })),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map((answer) => answer.data.refreshToken)).size).toBe(1);
    expect(answers[0]!.data.refreshToken).not.toBe(first.refreshToken);
    expectStatus(await nobody.as(answers[0]!.data.accessToken).get('/users/me'), 200);
    expectStatus(await nobody.post('/auth/refresh', { refreshToken: answers[0]!.data.refreshToken }), 200);
  });

  it('ends the session when a used token comes back late', async () => {
    const first = await signIn(acme.visitor, acme.owner.email);
    const second = expectStatus(await nobody.post('/auth/refresh', { refreshToken: first.refreshToken }), 200).data;
    const schema = await schemaOf('acme');
    await app.owner.query(
      `UPDATE "${schema}".tokens SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL`,
    );
    expect(await nobody.post('/auth/refresh', { refreshToken: first.refreshToken })).toMatchObject({
      status: 401,
      error: { code: 'invalid_refresh_token' },
    });
    expect((await nobody.post('/auth/refresh', { refreshToken: second.refreshToken })).status).toBe(401);
    await eventually(async () => expectStatus(await nobody.as(second.accessToken).get('/users/me'), 401));
  });

  it('ends with the token’s life and with the session’s', async () => {
    const schema = await schemaOf('acme');
    const [one, two] = [await signIn(acme.visitor, acme.owner.email), await signIn(acme.visitor, acme.owner.email)];
    await app.owner.query(
      `UPDATE "${schema}".tokens SET expires_at = now() - interval '1 second' WHERE hash = sha256($1::bytea)`,
      [Buffer.from(one.refreshToken)],
    );
    expect((await nobody.post('/auth/refresh', { refreshToken: one.refreshToken })).status).toBe(401);
    await app.owner.query(`UPDATE "${schema}".sessions SET expires_at = now() - interval '1 second'`);
    expect((await nobody.post('/auth/refresh', { refreshToken: two.refreshToken })).status).toBe(401);
  });

  it.each(['', 'x', 'pfr_0_0', `pfr_${'0'.repeat(32)}_${'A'.repeat(43)}`])('refuses %j', async (refreshToken) => {
    expect([400, 401]).toContain((await nobody.post('/auth/refresh', { refreshToken })).status);
  });
});

describe('logging out', () => {
  it('ends the session: its refresh token at once, its access token within a second', async () => {
    const session = await signIn(acme.visitor, acme.owner.email);
    expectStatus(await session.get('/users/me'), 200);
    expectStatus(await nobody.post('/auth/logout', { refreshToken: session.refreshToken }), 204);
    expect((await nobody.post('/auth/refresh', { refreshToken: session.refreshToken })).status).toBe(401);
    await eventually(async () => expectStatus(await session.get('/users/me'), 401));
  });

  it('is no error the second time', async () => {
    const session = await signIn(acme.visitor, acme.owner.email);
    expectStatus(await nobody.post('/auth/logout', { refreshToken: session.refreshToken }), 204);
    expectStatus(await nobody.post('/auth/logout', { refreshToken: session.refreshToken }), 204);
  });

  it('is seen by another instance within a second', async () => {
    const other = await startApp({ database: app.database });
    try {
      const session = await signIn(acme.visitor, acme.owner.email);
      const there = new Client(other.url).as(session.accessToken);
      expectStatus(await there.get('/users/me'), 200);
      expectStatus(await nobody.post('/auth/logout', { refreshToken: session.refreshToken }), 204);
      await eventually(async () => expectStatus(await there.get('/users/me'), 401));
    } finally {
      await other.stop();
    }
  });
});
