import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const STEP_MS = 30_000;

/** What the app on a phone shows, some steps from now. */
function codeOf(secret: string, steps = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 });
  return totp.generate({ timestamp: Date.now() + steps * STEP_MS });
}

const login = (person: Person, password = PASSWORD) =>
  acme.visitor.post('/auth/login', { email: person.email, password });
const firstStep = async (person: Person) => expectStatus(await login(person), 200).data.mfaToken as string;
const verify = (mfaToken: string, code: string) => acme.visitor.post('/auth/mfa/totp/verify', { mfaToken, code });

/** @returns the secret and the recovery codes; a code of the step before was used up */
async function setUp(person: Person): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = expectStatus(await person.post('/auth/mfa/totp'), 200).data;
  const { recoveryCodes } = expectStatus(
    await person.post('/auth/mfa/totp/confirm', { code: codeOf(secret, -1) }),
    200,
  ).data;
  return { secret, recoveryCodes };
}

async function sql(statement: string, ...values: unknown[]): Promise<any[]> {
  const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
  return (await app.owner.query(statement.replaceAll('@tenant', rows[0].schema_name), values)).rows;
}

describe('an authenticator app', () => {
  it('is set up with a QR code, counts once a code was right, and is asked for from then on', async () => {
    const person = await acme.join('Mia', 'member');
    const { data } = expectStatus(await person.post('/auth/mfa/totp'), 200);
    expect(data.uri).toMatch(/^otpauth:\/\/totp\//);
    expect(decodeURIComponent(data.uri)).toContain(person.email);
    expect(data.qr).toMatch(/^<svg /);
    expect(expectStatus(await login(person), 200).data.accessToken).toEqual(expect.any(String));
    const wrong = codeOf(data.secret, 7);
    expect(
      expectStatus(await person.post('/auth/mfa/totp/confirm', { code: wrong }), 400).error.details[0],
    ).toMatchObject({
      pointer: '/code',
      code: 'wrong_code',
    });
    const confirmed = await person.post('/auth/mfa/totp/confirm', { code: codeOf(data.secret, -1) });
    expect(expectStatus(confirmed, 200).data.recoveryCodes).toHaveLength(10);
    const step = expectStatus(await login(person), 200).data;
    expect(step).toEqual({
      mfaRequired: true,
      mfaToken: expect.stringMatching(/^pft_/),
      factors: ['totp', 'recovery_code'],
    });
    const { data: signedIn } = expectStatus(await verify(step.mfaToken, codeOf(data.secret)), 200);
    expectStatus(await acme.visitor.as(signedIn.accessToken).get('/users/me'), 200);
    expect(expectStatus(await person.get('/auth/mfa'), 200).data).toMatchObject({
      totpSince: expect.any(String),
      recoveryCodes: 10,
    });
    expect(expectStatus(await person.post('/auth/mfa/totp'), 409).error.code).toBe('totp_exists');
  });

  it('is one, also when it is set up many times at once, and one that was confirmed is not replaced', async () => {
    const person = await acme.join('Mo', 'member');
    const answers = await Promise.all(Array.from({ length: 3 }, () => person.post('/auth/mfa/totp')));
    for (const answer of answers) expectStatus(answer, 200);
    const count = `SELECT count(*)::int AS apps FROM "@tenant".credentials WHERE user_id = $1 AND type = 'totp'`;
    expect(await sql(count, person.id)).toEqual([{ apps: 1 }]);
    const { secret } = await setUp(person);
    const late = await Promise.all(Array.from({ length: 3 }, () => person.post('/auth/mfa/totp')));
    expect(late.map(({ status }) => status)).toEqual([409, 409, 409]);
    expectStatus(await verify(await firstStep(person), codeOf(secret)), 200);
  });

  it('keeps its secret sealed', async () => {
    const person = await acme.join('Nia', 'member');
    const { secret } = await setUp(person);
    const [row] = await sql(`SELECT secret FROM "@tenant".credentials WHERE user_id = $1 AND type = 'totp'`, person.id);
    expect(row.secret).toMatch(/^v1\./);
    expect(row.secret).not.toContain(secret);
  });

  it('takes a code of the step before and after, each step once, and none further away', async () => {
    const person = await acme.join('Ole', 'member');
    const { secret } = await setUp(person);
    expectStatus(await verify(await firstStep(person), codeOf(secret, -1)), 400);
    const token = await firstStep(person);
    const now = codeOf(secret);
    const answers = await Promise.all([verify(token, now), verify(await firstStep(person), now)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expectStatus(await verify(await firstStep(person), codeOf(secret, 1)), 200);
    expectStatus(await verify(await firstStep(person), codeOf(secret, 2)), 400);
    // Older than the newest that was taken, though still within the window.
    expectStatus(await verify(await firstStep(person), codeOf(secret)), 400);
  });

  it('finishes a step once; the step is of its own person and tenant', async () => {
    const person = await acme.join('Pia', 'member');
    const { secret } = await setUp(person);
    const other = await signUp(app);
    const token = await firstStep(person);
    const foreign = await other.visitor.post('/auth/mfa/totp/verify', { mfaToken: token, code: codeOf(secret) });
    expect(expectStatus(foreign, 403).error.code).toBe('tenant_mismatch');
    expectStatus(await verify(token, codeOf(secret)), 200);
    expect(expectStatus(await verify(token, codeOf(secret, 1)), 400).error.code).toBe('invalid_token');
    expectStatus(await verify('pft_nonsense', '123456'), 400);
  });

  it('makes whoever guesses wait', async () => {
    const person = await acme.join('Quin', 'member');
    await setUp(person);
    const token = await firstStep(person);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => verify(token, String(100_000 + i))));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(14);
    expect(answers.find(({ status }) => status === 429)!.error.code).toBe('too_many_attempts');
  });

  it('is removed only by somebody who has just shown who they are', async () => {
    const person = await acme.join('Rob', 'member');
    const { secret } = await setUp(person);
    await sql(
      `UPDATE "@tenant".sessions SET authenticated_at = now() - interval '6 minutes' WHERE user_id = $1`,
      person.id,
    );
    const refused = await eventually(async () => expectStatus(await person.post('/auth/mfa/totp'), 403));
    expect(refused.error.code).toBe('fresh_sign_in_required');
    expectStatus(await person.delete('/auth/mfa/totp'), 403);
    expectStatus(await person.post('/auth/reauthenticate', { password: PASSWORD }), 400);
    expectStatus(await person.post('/auth/reauthenticate', { password: 'not the one', code: codeOf(secret) }), 400);
    expectStatus(await person.post('/auth/reauthenticate', { password: PASSWORD, code: codeOf(secret) }), 204);
    expectStatus(await person.delete('/auth/mfa/totp'), 204);
    expect(expectStatus(await login(person), 200).data.accessToken).toEqual(expect.any(String));
    expect(
      await sql(`SELECT 1 FROM "@tenant".credentials WHERE user_id = $1 AND type = 'recovery_code'`, person.id),
    ).toEqual([]);
  });

  it('lets a password be shorter, and is not removed while it is', async () => {
    const person = await acme.join('Sue', 'member');
    await setUp(person);
    const change = (currentPassword: string, newPassword: string) =>
      person.post('/auth/password/change', { currentPassword, newPassword });
    expectStatus(await change(PASSWORD, 'nine char'), 204);
    expect(expectStatus(await person.delete('/auth/mfa/totp'), 409).error.code).toBe('password_too_short');
    expectStatus(await change('nine char', PASSWORD), 204);
    expectStatus(await person.delete('/auth/mfa/totp'), 204);
  });
});

describe('recovery codes', () => {
  const use = (mfaToken: string, code: string) =>
    acme.visitor.post('/auth/mfa/recovery-codes/verify', { mfaToken, code });

  it('stand in for the second factor, each once, however they are typed', async () => {
    const person = await acme.join('Tom', 'member');
    const { recoveryCodes } = await setUp(person);
    expect(recoveryCodes[0]).toMatch(/^[A-Z2-9]{6}(-[A-Z2-9]{6}){3}$/);
    expectStatus(await use(await firstStep(person), recoveryCodes[0]!.toLowerCase().replaceAll('-', ' ')), 200);
    expectStatus(await use(await firstStep(person), recoveryCodes[0]!), 400);
    const both = [await firstStep(person), await firstStep(person)];
    const answers = await Promise.all(both.map((token) => use(token, recoveryCodes[1]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await person.get('/auth/mfa')).data.recoveryCodes).toBe(8);
    const stored = await sql(
      `SELECT key FROM "@tenant".credentials WHERE user_id = $1 AND type = 'recovery_code'`,
      person.id,
    );
    expect(JSON.stringify(stored)).not.toContain(recoveryCodes[2]);
  });

  it('are worthless once there are new ones', async () => {
    const person = await acme.join('Una', 'member');
    const { recoveryCodes } = await setUp(person);
    const renewed = expectStatus(await person.post('/auth/mfa/recovery-codes'), 200).data.recoveryCodes;
    expectStatus(await use(await firstStep(person), recoveryCodes[0]!), 400);
    expectStatus(await use(await firstStep(person), renewed[0]), 200);
  });

  it('are nothing to somebody without a second factor', async () => {
    const person = await acme.join('Vic', 'member');
    expect(expectStatus(await person.post('/auth/mfa/recovery-codes'), 409).error.code).toBe('second_factor_not_found');
  });
});

describe('an organisation that demands second factors', () => {
  it('lets people do nothing but set one up, from their next request, and everything afterwards', async () => {
    const strict = await signUp(app);
    const member = await strict.join('Wim', 'member');
    const admin = await strict.join('Xia', 'admin');
    const set = (secondFactor: string) => strict.owner.patch('/tenants/current/security', { secondFactor });
    expectStatus(await member.patch('/tenants/current/security', { secondFactor: 'optional' }), 403);
    expectStatus(await set('admins'), 200);
    const refused = await eventually(async () => expectStatus(await admin.get('/projects'), 403));
    expect(refused.error.code).toBe('second_factor_required');
    expectStatus(await member.get('/projects'), 200);
    expectStatus(await admin.get('/auth/mfa'), 200);
    const { secret } = expectStatus(await admin.post('/auth/mfa/totp'), 200).data;
    expectStatus(await admin.post('/auth/mfa/totp/confirm', { code: codeOf(secret) }), 200);
    await eventually(async () => expectStatus(await admin.get('/projects'), 200));
    // The owner, too.
    expect(expectStatus(await strict.owner.get('/projects'), 403).error.code).toBe('second_factor_required');
    const own = expectStatus(await strict.owner.post('/auth/mfa/totp'), 200).data;
    expectStatus(await strict.owner.post('/auth/mfa/totp/confirm', { code: codeOf(own.secret) }), 200);
    await eventually(async () => expectStatus(await set('required'), 200));
    await eventually(async () => expectStatus(await member.get('/projects'), 403));
    expectStatus(await member.post('/auth/logout-all'), 204);
  });

  it('can help somebody who lost theirs', async () => {
    const person = await acme.join('Yan', 'member');
    await setUp(person);
    expectStatus(await person.delete(`/users/${person.id}/second-factors`), 403);
    expectStatus(await acme.owner.delete(`/users/${person.id}/second-factors`), 204);
    expect(expectStatus(await login(person), 200).data.accessToken).toEqual(expect.any(String));
  });
});
