import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Secret, TOTP } from 'otpauth';
import { PasswordHasher } from '../../src/platform/crypto/password-hasher.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { UserDeactivated } from '../../src/users/users.events.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { PASSWORD, signIn, proveAddresses, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let mailbox: Mailbox;
let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { SMTP_URL: mailbox.url } });
  acme = await signUp(app);
  await proveAddresses(app, acme);
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

async function sql(statement: string, ...values: unknown[]): Promise<any[]> {
  const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
  return (await app.owner.query(statement.replaceAll('@tenant', rows[0].schema_name), values)).rows;
}
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
    timestamp: Date.now() + steps * 30_000,
  });
const login = (person: Person, password = PASSWORD) =>
  acme.visitor.post('/auth/login', { email: person.email, password });
async function setUp(person: Person): Promise<string> {
  const { secret } = expectStatus(await person.post('/auth/mfa/totp'), 200).data;
  expectStatus(await person.post('/auth/mfa/totp/confirm', { code: codeOf(secret, -1) }), 200);
  return secret;
}
const accept = (token: string) =>
  acme.visitor.post('/invitations/accept', { token, firstName: 'Ida', lastName: 'New', password: PASSWORD });

describe('people who try what they should not', () => {
  it('keep their own address to POST /users/me/email, whoever they are', async () => {
    const admin = await acme.join('Stale', 'admin');
    await sql(`UPDATE "@tenant".sessions SET authenticated_at = now() - interval '1 day' WHERE user_id = $1`, admin.id);
    await sleep(1_200);
    expect((await admin.post('/users/me/email', { email: 'attacker@evil.test' })).status).toBe(403);
    const answer = await admin.patch(`/users/${admin.id}`, { email: 'attacker@evil.test' });
    expectStatus(await acme.visitor.post('/auth/password/forgot', { email: 'attacker@evil.test' }), 204);
    const got = answer.status === 200 ? (await mailbox.to('attacker@evil.test', 1, 'new password')).subject : 'none';
    expect([answer.status, got]).toEqual([403, 'none']);
  });

  it('are on record when they are made, changed and deactivated', async () => {
    const person = await acme.join('Aud', 'member');
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { email: 'aud2@x.test' }), 200);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { active: false }), 200);
    const rows = await sql(
      `SELECT action FROM "@tenant".audit_events WHERE target_id = $1 AND actor_id = $2`,
      person.id,
      acme.owner.id,
    );
    expect(rows.map((r) => r.action).length).toBeGreaterThanOrEqual(3);
  });

  it('leave no way back by an invitation of their own when they are deactivated', async () => {
    const admin = await acme.join('Fired', 'admin');
    await proveAddresses(app, acme);
    const email = 'private-of-fired@elsewhere.test';
    expectStatus(await admin.post('/invitations', { email, roles: ['admin'] }), 201);
    const token = await mailbox.tokenFor(email);
    expectStatus(await acme.owner.patch(`/users/${admin.id}`, { active: false }), 200);
    await sleep(1_500);
    const answer = await accept(token);
    expect([answer.status, answer.data?.user?.roles]).toEqual([400, undefined]);
  });

  it('do not join by an invitation that is revoked while they accept it', async () => {
    const email = 'raced@elsewhere.test';
    const { id } = expectStatus(await acme.owner.post('/invitations', { email, roles: ['admin'] }), 201).data;
    const token = await mailbox.tokenFor(email);
    const noise = Array.from({ length: 40 }, (_, i) =>
      acme.visitor.post('/auth/login', { email: `noise${i}@x.test`, password: PASSWORD }),
    );
    await sleep(150);
    const accepting = accept(token);
    await sleep(150);
    const revoked = await acme.owner.delete(`/invitations/${id}`);
    const accepted = await accepting;
    await Promise.all(noise);
    expect([revoked.status, accepted.status]).toEqual([204, 400]);
  });

  it('do not finish a sign-in that a former password began', async () => {
    const person = await acme.join('Mfa', 'member');
    const secret = await setUp(person);
    const { mfaToken } = expectStatus(await login(person), 200).data;
    expectStatus(
      await person.post('/auth/password/change', {
        currentPassword: PASSWORD,
        newPassword: 'quite another secret one',
      }),
      204,
    );
    await sleep(1_500);
    const answer = await acme.visitor.post('/auth/mfa/totp/verify', { mfaToken, code: codeOf(secret) });
    expect(answer.status).toBe(400);
  });

  it('leave no session behind that a former password opened while it was changed', async () => {
    const person = await acme.join('Flight', 'member');
    const changing = person.post('/auth/password/change', {
      currentPassword: PASSWORD,
      newPassword: 'quite another secret one',
    });
    const logins = [];
    for (let i = 0; i < 60; i += 1) {
      logins.push(login(person));
      await sleep(5);
    }
    expectStatus(await changing, 204);
    const open = (await Promise.all(logins)).filter((each) => each.status === 200);
    await sleep(2_500);
    let alive = 0;
    for (const { data } of open)
      if ((await acme.visitor.as(data.accessToken).get('/users/me')).status === 200) alive += 1;
    expect(alive).toBe(0);
  });

  it('hear the same of an unknown address after a busy moment', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('x');
    const rush = Array.from({ length: 230 }, () => hasher.verify('x', stored).catch(() => 'busy'));
    const first = await hasher.verify('y', null).catch((e: any) => e.code);
    await Promise.all(rush);
    const later = await hasher.verify('y', null).catch((e: any) => e.code);
    const known = await hasher.verify('y', stored).catch((e: any) => e.code);
    expect([first, later, known]).toEqual(['sign_in_busy', false, false]);
  });

  it('cannot use a link to reset a password once the address is another one', async () => {
    const person = await acme.join('Link', 'member');
    await acme.visitor.post('/auth/password/forgot', { email: person.email });
    const token = await mailbox.tokenFor(person.email, 1, 'new password');
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { email: 'link-new@x.test' }), 200);
    const answer = await acme.visitor.post('/auth/password/reset', { token, password: 'taken over by mailbox' });
    expect(answer.status).toBe(400);
  });

  it('are on record when they guess at second factors, or at their own password', async () => {
    const person = await acme.join('Guess', 'member');
    const secret = await setUp(person);
    const { mfaToken } = expectStatus(await login(person), 200).data;
    expectStatus(await acme.visitor.post('/auth/mfa/totp/verify', { mfaToken, code: codeOf(secret, 9) }), 400);
    expectStatus(await acme.visitor.post('/auth/mfa/recovery-codes/verify', { mfaToken, code: 'AAAA' }), 400);
    expectStatus(await person.post('/auth/reauthenticate', { password: 'wrong', code: codeOf(secret) }), 400);
    const rows = await sql(
      `SELECT action FROM "@tenant".audit_events WHERE outcome = 'refused' AND (target_id = $1 OR actor_id = $2)`,
      person.id,
      person.id,
    );
    expect(rows).toHaveLength(3);
  });

  it('do not sign in with eight characters alone once an admin removed their second factors', async () => {
    const person = await acme.join('Short', 'member');
    const secret = await setUp(person);
    expectStatus(
      await person.post('/auth/password/change', { currentPassword: PASSWORD, newPassword: 'xk3 9vq!' }),
      204,
    );
    expectStatus(await acme.owner.delete(`/users/${person.id}/second-factors`), 204);
    const answer = await login(person, 'xk3 9vq!');
    expect([answer.status, answer.data?.accessToken !== undefined, secret.length > 0]).not.toEqual([200, true, true]);
  });

  it('keep what they got after they came back, though their deactivation is heard again', async () => {
    const person = await acme.join('Back', 'member');
    const project = await acme.project('P', [[person, 'member']]);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { active: false }), 200);
    const deactivatedAt = new Date().toISOString();
    await sleep(1_500);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { active: true }), 200);
    const again = await signIn(acme.visitor, person.email);
    const key = expectStatus(await again.post('/auth/api-keys', { name: 'k', scopes: ['task.read:member'] }), 201).data;
    const task = await acme.task(project.id, { assigneeId: person.id });
    const tenant = (await app.nest.get(TenantDirectory, { strict: false }).findById(acme.id))!;
    const ctx = await app.nest.get(TenantContexts, { strict: false }).open(tenant);
    await app.nest
      .get(EventEmitter2, { strict: false })
      .emitAsync(UserDeactivated.eventName, ctx, { userId: person.id, at: deactivatedAt });
    await sleep(1_200);
    expect([
      (await again.get('/users/me')).status,
      (await acme.visitor.with({ 'x-api-key': key.key }).get('/users/me')).status,
      (await acme.owner.get(`/tasks/${task.id}`)).data.assigneeId,
    ]).toEqual([200, 200, person.id]);
  });

  it('are signed out of many sessions at once', async () => {
    const person = await acme.join('Many', 'member');
    await sql(
      `INSERT INTO "@tenant".sessions (id, user_id, method, authenticated_at, last_used_at, expires_at)
       SELECT gen_random_uuid(), $1, 'password', now(), now(), now() + interval '80 days' FROM generate_series(1, 20000)`,
      person.id,
    );
    const began = Date.now();
    const answer = await acme.owner.delete(`/users/${person.id}/sessions`);
    expectStatus(answer, 204);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('sign in by the provider that is enforced, after an invitation too', async () => {
    const other = await signUp(app);
    await proveAddresses(app, other);
    const email = 'sso@elsewhere.test';
    expectStatus(await other.owner.post('/invitations', { email, roles: ['member'] }), 201);
    const token = await mailbox.tokenFor(email);
    expectStatus(
      await other.owner.post('/tenants/current/sign-in-providers', {
        key: 'c',
        name: 'C',
        kind: 'oidc',
        issuer: 'https://id.example.com',
        clientId: 'x',
        enforced: true,
      }),
      201,
    );
    const answer = await other.visitor.post('/invitations/accept', {
      token,
      firstName: 'I',
      lastName: 'N',
      password: PASSWORD,
    });
    const again = await other.visitor.post('/auth/login', { email, password: PASSWORD });
    // Refused before anything is done: there is no account to sign in to.
    expect([answer.status, again.status]).toEqual([403, 401]);
  });
});
