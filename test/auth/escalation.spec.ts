import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app.ts';
import { Authenticator } from '../support/authenticator.ts';
import { Client, expectStatus } from '../support/client.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';
import { signInBy } from '../sso/browser.ts';
import { CLIENT, startRealIssuer, type RealIssuer } from '../sso/real-issuer.ts';

let mailbox: Mailbox;
let app: TestApp;
let acme: TestTenant;
let real: RealIssuer;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({
    settings: {
      SMTP_URL: mailbox.url,
      RATE_LIMIT_ENABLED: 'true',
      RATE_LIMIT_ADDRESS: '100000',
      RATE_LIMIT_USER: '1000',
      OUTGOING_ALLOW_HOSTS: '127.0.0.1',
    },
  });
  real = await startRealIssuer([`${app.url}/api/v1/auth/oauth/mine/callback`]);
  acme = await signUp(app);
});
afterAll(async () => {
  await real.stop();
  await app.stop();
  await mailbox.stop();
});

describe('somebody who wants more than they have', () => {
  it('sends a stranger no more than a few mails', async () => {
    const person = await acme.join('Bomb', 'viewer');
    const answers = [];
    for (let i = 0; i < 12; i += 1)
      answers.push((await person.post('/users/me/email', { email: 'victim@elsewhere.test' })).status);
    await sleep(3_000);
    const count = mailbox.received.filter((m) => m.to?.some((to) => to.address === 'victim@elsewhere.test')).length;
    expect([count <= 5, count, answers.join()]).toEqual([true, expect.any(Number), expect.any(String)]);
  });

  it('does not become an owner by a provider of their own', async () => {
    expectStatus(
      await acme.owner.post('/roles', { key: 'it', name: 'IT', level: 20, grants: ['tenant.read', 'tenant.security'] }),
      201,
    );
    const it = await acme.join('Ivan', 'it');
    const created = await it.post('/tenants/current/sign-in-providers', {
      key: 'mine',
      name: 'Mine',
      kind: 'oidc',
      issuer: real.issuer,
      ...CLIENT,
    });
    if (created.status !== 201) return;
    real.accounts.set('evil', { email: acme.owner.email, email_verified: true });
    real.current = 'evil';
    const signedIn = await signInBy(app, acme, 'mine').catch((error: Error) => error.message);
    expect(signedIn.user?.roles).toBeUndefined();
  });

  it('does not pass for fresh with a password alone beside a passkey', async () => {
    const person = await acme.join('Pass', 'member');
    const { options, challengeToken } = expectStatus(
      await person.post('/auth/passkeys/registration-options'),
      200,
    ).data;
    expectStatus(
      await person.post('/auth/passkeys', { name: 'k', challengeToken, response: new Authenticator().create(options) }),
      201,
    );
    expect((await person.post('/auth/reauthenticate', { password: PASSWORD })).status).not.toBe(204);
  });

  it('cannot keep somebody who is signed in from their own password', async () => {
    const person = await acme.join('Locked', 'member');
    for (let i = 0; i < 12; i += 1) await acme.visitor.post('/auth/login', { email: person.email, password: 'nope' });
    const answer = await person.post('/auth/reauthenticate', { password: PASSWORD });
    expect(answer.status).toBe(204);
  });

  it('takes nobody into projects by a key that may not read them', async () => {
    expectStatus(
      await acme.owner.post('/roles', {
        key: 'teamer',
        name: 'T',
        level: 20,
        grants: ['team.read', 'team.update', 'key.create'],
      }),
      201,
    );
    const lead = await acme.join('Lead', 'teamer');
    const mate = await acme.join('Mate', 'viewer');
    const team = expectStatus(await acme.owner.post('/teams', { name: 'Team' }), 201).data;
    expectStatus(await acme.owner.post(`/teams/${team.id}/members`, { userId: lead.id, role: 'member' }), 201);
    const project = await acme.project('Secret');
    expectStatus(await acme.owner.put(`/projects/${project.id}/teams/${team.id}`, { role: 'manager' }), 200);
    const { key } = expectStatus(await lead.post('/auth/api-keys', { name: 'k', scopes: ['team.update'] }), 201).data;
    const byKey = new Client(app.url).with({ 'x-api-key': key });
    expect((await byKey.get(`/projects/${project.id}`)).status).not.toBe(200);
    const added = await byKey.post(`/teams/${team.id}/members`, { userId: mate.id, role: 'member' });
    await sleep(1_100);
    expect([added.status, (await mate.get(`/projects/${project.id}`)).status]).toEqual([403, 404]);
  });
});
