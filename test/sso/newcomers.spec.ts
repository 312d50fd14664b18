import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';
import { Browser, addProvider, beginning, broughtBack, exchange } from './browser.ts';
import { LIAR_CLIENT, startLyingIssuer, type LyingIssuer } from './lying-issuer.ts';

let app: TestApp;
let mailbox: Mailbox;
let issuer: LyingIssuer;
let acme: TestTenant;
let providerId: string;

beforeAll(async () => {
  mailbox = await startMailbox();
  issuer = await startLyingIssuer();
  app = await startApp({ settings: { OUTGOING_ALLOW_HOSTS: '127.0.0.1', SMTP_URL: mailbox.url } });
  acme = await signUp(app);
  await prove(acme);
  const common = { kind: 'oidc', issuer: issuer.issuer, clientId: LIAR_CLIENT, clientSecret: 'secret' };
  providerId = (await addProvider(acme, { key: 'closed', name: 'Company', ...common })).id;
  await addProvider(acme, { key: 'open', name: 'Open', ...common, createUsers: true });
});
afterEach(() => issuer.reset());
afterAll(async () => {
  issuer.stop();
  await app.stop();
  await mailbox.stop();
});

async function prove({ owner, visitor }: TestTenant): Promise<void> {
  const token = await mailbox.tokenFor(owner.email, 1, 'Confirm');
  expectStatus(await visitor.post('/auth/email/verify', { token }), 204);
}

/** Somebody comes back from the issuer, with these claims. */
async function arrive(
  claims: Record<string, unknown>,
  provider = 'closed',
): Promise<{ code: string | null; error: string | null }> {
  issuer.claims = { sub: `sub-${randomBytes(6).toString('hex')}`, ...claims };
  const browser = new Browser();
  const stop = await browser.step(beginning(app, acme, provider));
  if (stop.location!.origin !== issuer.issuer) return broughtBack(stop);
  const { redirect_uri, state, nonce } = Object.fromEntries(stop.location!.searchParams);
  const query = new URLSearchParams({ code: nonce!, state: state! });
  return broughtBack(await browser.step(`${redirect_uri}?${query.toString()}`));
}

async function signedIn(claims: Record<string, unknown>, provider?: string): Promise<any> {
  const { code, error } = await arrive(claims, provider);
  expect(error).toBeNull();
  return expectStatus(await exchange(app, code), 200).data.user;
}

const invite = async (email: string, roles: string[]) =>
  expectStatus(await acme.owner.post('/invitations', { email, roles }), 201).data;

describe('a provider', () => {
  it.each([
    ['true', true],
    ['"true", as Cognito and Apple say it', 'true'],
  ])('proves an address by %s, and whoever is made by it has it verified', async (_, verified) => {
    const email = `${randomBytes(4).toString('hex')}@newcomers.test`;
    const user = await signedIn({ email, email_verified: verified }, 'open');
    expect(user).toMatchObject({ email, emailVerified: true, roles: ['member'] });
  });

  it('is asked by userinfo what its ID token leaves out, of that address alone', async () => {
    issuer.metadata = { userinfo_endpoint: `${issuer.issuer}/userinfo` };
    expectStatus(await acme.owner.patch(`/tenants/current/sign-in-providers/${providerId}`, { name: 'Firm' }), 200);
    const mia = await acme.join('Mia', 'member');
    const sub = 'of-userinfo';
    const said = (userinfo: object) => {
      issuer.userinfo = { sub, ...userinfo };
      return arrive({ sub, email: mia.email, email_verified: undefined });
    };
    expect((await said({ email: mia.email })).error).toBe('email_not_verified');
    expect((await said({ email: 'other@newcomers.test', email_verified: true })).error).toBe('email_not_verified');
    expect((await said({ email: mia.email, email_verified: 'true' })).error).toBeNull();
    expect(expectStatus(await mia.get('/users/me'), 200).data.emailVerified).toBe(true);
  });

  it('speaks of nobody but who has that address, letter by letter', async () => {
    const [local, domain] = acme.owner.email.split('@') as [string, string];
    for (const email of [
      `${local.replace('i', 'İ')}@${domain}`,
      `${local.replace('i', 'ı')}@${domain}`,
      `${local}@${domain.replace('t', 'ț')}`,
      `${local}@${domain}/elsewhere.test`,
    ])
      expect([email, (await arrive({ email, email_verified: true })).error]).toEqual([
        email,
        expect.stringMatching(/^(no_account|email_not_verified)$/),
      ]);
    expect((await signedIn({ email: acme.owner.email.toUpperCase(), email_verified: true })).id).toBe(acme.owner.id);
  });

  it('lets in domains by their one spelling, and refuses what is none', async () => {
    const path = '/tenants/current/sign-in-providers';
    const common = { kind: 'oidc', issuer: issuer.issuer, clientId: LIAR_CLIENT, createUsers: true };
    const wanted = { ...common, key: 'domains', name: 'Domains', domains: ['Bücher.example', 'shop.test'] };
    const { error } = expectStatus(await acme.owner.post(path, { ...wanted, domains: ['shop.test', 'a b'] }), 400);
    expect(error.details[0]!.pointer).toBe('/domains/1');
    const { data } = expectStatus(await acme.owner.post(path, wanted), 201);
    expect(data.domains).toEqual(['xn--bcher-kva.example', 'shop.test']);
    await signedIn({ email: 'a@BÜCHER.example', email_verified: true }, 'domains');
    for (const email of ['a@shop.test.evil.test', 'a@ſhop.test/x', 'a@şhop.test'])
      expect((await arrive({ email, email_verified: true }, 'domains')).error).toMatch(
        /email_domain_refused|email_not_verified/,
      );
  });

  it('that is away is asked once for all who come within a minute', async () => {
    expectStatus(await acme.owner.patch(`/tenants/current/sign-in-providers/${providerId}`, { name: 'Gone' }), 200);
    issuer.isAway = true;
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => arrive({ email: 'x@newcomers.test' })));
    expect(all.map(({ error }) => error)).toEqual(all.map(() => 'provider_unreachable'));
    expect((await arrive({ email: 'x@newcomers.test' })).error).toBe('provider_unreachable');
    expect(issuer.discoveries).toBe(1);
    // Whoever has changed it need not wait.
    issuer.isAway = false;
    expectStatus(await acme.owner.patch(`/tenants/current/sign-in-providers/${providerId}`, { name: 'Back' }), 200);
    expect((await arrive({ email: 'x@newcomers.test', email_verified: true })).error).toBe('no_account');
  });
});

describe('an invitation', () => {
  it('is accepted by signing in through a provider that proves its address, also where newcomers are not let in', async () => {
    const invitation = await invite('Nils@invited.test', ['manager']);
    const token = await mailbox.tokenFor('Nils@invited.test');
    expect((await arrive({ email: 'nils@invited.test', email_verified: false })).error).toBe('email_not_verified');
    const user = await signedIn({ email: 'nils@INVITED.test', email_verified: true, given_name: 'Nils' });
    expect(user).toMatchObject({ roles: ['manager'], emailVerified: true, firstName: 'Nils' });
    expect((await acme.owner.get(`/invitations/${invitation.id}`)).data.state).toBe('accepted');
    const again = { token, firstName: 'N', lastName: 'N', password: PASSWORD };
    expectStatus(await acme.visitor.post('/invitations/accept', again), 400);
    // One that was taken back lets nobody in.
    const { id } = await invite('otto@invited.test', ['manager']);
    expectStatus(await acme.owner.delete(`/invitations/${id}`), 204);
    expect((await arrive({ email: 'otto@invited.test', email_verified: true })).error).toBe('no_account');
  });

  it('is not accepted by password where a provider signs people in, and stays open', async () => {
    const path = `/tenants/current/sign-in-providers/${providerId}`;
    const accept = (token: string, firstName: string) =>
      acme.visitor.post('/invitations/accept', { token, firstName, lastName: 'Berg', password: PASSWORD });
    const { id } = await invite('pia@invited.test', ['member']);
    await invite('olaf@invited.test', ['owner']);
    const [token, ofOwner] = [await mailbox.tokenFor('pia@invited.test'), await mailbox.tokenFor('olaf@invited.test')];
    expectStatus(await acme.owner.patch(path, { enforced: true }), 200);
    expect(expectStatus(await accept(token, 'Pia'), 403).error.code).toBe('password_sign_in_refused');
    expect((await acme.owner.get(`/invitations/${id}`)).data.state).toBe('open');
    expect((await acme.owner.get('/users?email=pia@invited.test')).data).toEqual([]);
    expect((await signedIn({ email: 'pia@invited.test', email_verified: true })).roles).toEqual(['member']);
    // An owner's password is the way back when the provider is away.
    expectStatus(await accept(ofOwner, 'Olaf'), 200);
    await signIn(acme.visitor, 'olaf@invited.test');
    expectStatus(await acme.owner.patch(path, { enforced: false }), 200);
  });
});
