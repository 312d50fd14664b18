import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import { startApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { Browser, addProvider, beginning, broughtBack, exchange } from './browser.ts';
import { LIAR_CLIENT, startLyingIssuer, unsecured, type LyingIssuer } from './lying-issuer.ts';

const app = await startApp({ settings: { OUTGOING_ALLOW_HOSTS: '127.0.0.1' } });
let liar: LyingIssuer;
let acme: TestTenant;
let mia: Person;
let provider: any;

beforeAll(async () => {
  liar = await startLyingIssuer();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  provider = await addProvider(acme, {
    ...{ key: 'liar', name: 'Liar', kind: 'oidc', issuer: liar.issuer },
    ...{ clientId: LIAR_CLIENT, clientSecret: 'secret' },
  });
});
afterEach(() => liar.reset());
afterAll(async () => {
  liar.stop();
  await app.stop();
});

/** What the provider says about itself is kept for a while, by version. */
async function askAgain(): Promise<void> {
  const path = `/tenants/current/sign-in-providers/${provider.id}`;
  expectStatus(await acme.owner.patch(path, { name: `Liar ${Math.random()}` }), 200);
}

/** Goes to the issuer, and comes back with its nonce as the code, and with what else it says. */
async function comeBack(more: Record<string, string> = {}): Promise<{ code: string | null; error: string | null }> {
  const browser = new Browser();
  const { location } = await browser.step(beginning(app, acme, 'liar'));
  if (location!.origin !== liar.issuer) return broughtBack({ status: 302, location, body: null, cookies: [] });
  const { redirect_uri, state, nonce } = Object.fromEntries(location!.searchParams);
  const query = new URLSearchParams({ code: nonce!, state: state!, ...more });
  return broughtBack(await browser.step(`${redirect_uri}?${query.toString()}`));
}

const now = () => Math.floor(Date.now() / 1000);

describe('an ID token', () => {
  it('that is as it has to be signs in', async () => {
    liar.claims = { email: mia.email };
    const { code } = await comeBack();
    expect(expectStatus(await exchange(app, code), 200).data.user.id).toBe(mia.id);
    expect(Object.fromEntries(liar.asked[0]!)).toMatchObject({
      client_id: LIAR_CLIENT,
      client_secret: 'secret',
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
      grant_type: 'authorization_code',
      redirect_uri: `${app.url}/api/v1/auth/oauth/liar/callback`,
    });
  });

  const lies: [string, (claims: JWTPayload) => Promise<string>][] = [
    ['of another issuer', (claims) => liar.honest({ ...claims, iss: 'https://accounts.example.com' })],
    ['for another client', (claims) => liar.honest({ ...claims, aud: 'another-client' })],
    ['for nobody', (claims) => liar.honest({ ...claims, aud: undefined })],
    ['for several, by another', (claims) => liar.honest({ ...claims, aud: [LIAR_CLIENT, 'another'], azp: 'another' })],
    ['with another nonce', (claims) => liar.honest({ ...claims, nonce: 'A'.repeat(43) })],
    ['without a nonce', (claims) => liar.honest({ ...claims, nonce: undefined })],
    ['that has expired', (claims) => liar.honest({ ...claims, iat: now() - 7_200, exp: now() - 3_600 })],
    ['that never expires', (claims) => liar.honest({ ...claims, exp: undefined })],
    ['without a subject', (claims) => liar.honest({ ...claims, sub: undefined })],
    ['that nobody has signed', unsecured],
    ['with its signature cut off', async (claims) => (await liar.honest(claims)).replace(/[^.]+$/, '')],
    [
      'signed by another key',
      (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(liar.stranger.privateKey),
    ],
    [
      'signed by a key that is not published',
      (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'two' }).sign(liar.key.privateKey),
    ],
    [
      'signed with our client secret',
      (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('secret')),
    ],
    [
      'changed after it was signed',
      async (claims) => {
        const [head, , signature] = (await liar.honest({ ...claims, email: 'x@x.test' })).split('.');
        return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
      },
    ],
    ['that is none', () => Promise.resolve('nonsense')],
  ];

  it.each(lies)('%s is refused', async (_, token) => {
    liar.claims = { email: mia.email };
    liar.token = token;
    expect(await comeBack()).toEqual({ code: null, error: 'provider_answer_refused' });
  });

  it('of an earlier sign-in is refused', async () => {
    let earlier = '';
    liar.claims = { email: mia.email };
    liar.token = async (claims) => (earlier = await liar.honest(claims));
    expect((await comeBack()).code).not.toBeNull();
    liar.token = () => Promise.resolve(earlier);
    expect(await comeBack()).toEqual({ code: null, error: 'provider_answer_refused' });
  });

  it.each([['none'], ['HS256']])('is refused where the issuer says that it signs with %s', async (algorithm) => {
    liar.metadata = { id_token_signing_alg_values_supported: [algorithm] };
    await askAgain();
    liar.claims = { email: mia.email };
    liar.token =
      algorithm === 'none'
        ? unsecured
        : (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('secret'));
    expect((await comeBack()).code).toBeNull();
    liar.reset();
    await askAgain();
  });

  it.each([
    ['"false"', 'false'],
    ['missing', undefined],
    ['1', 1],
  ])('proves no address when that is verified as %s', async (_, verified) => {
    liar.claims = { email: mia.email, sub: 'somebody', email_verified: verified };
    expect((await comeBack()).error).toBe('email_not_verified');
  });

  it('with texts that cannot be stored makes nobody, and breaks nothing', async () => {
    liar.claims = { email: 'a\0b@x.test', sub: 'nul', given_name: '\0' };
    expect((await comeBack()).error).toBe('email_not_verified');
    liar.claims = { email: mia.email, sub: 's\0' };
    expect((await comeBack()).error).toBe('provider_answer_refused');
  });
});

describe('an issuer', () => {
  it('that answers the code with an error, with nonsense or too much is told by a word and not quoted', async () => {
    const answers = [
      { status: 400, body: '{"error":"invalid_grant","error_description":"quoted"}' },
      { status: 500, body: 'quoted' },
      { status: 200, body: '{"access_token":1}' },
      { status: 200, body: JSON.stringify({ quoted: 'x'.repeat(70_000) }) },
    ];
    for (const answer of answers) {
      liar.answer = answer;
      const { code, error } = await comeBack();
      expect([code, /^provider_(answer_refused|unreachable)$/.test(error!)]).toEqual([null, true]);
    }
  });

  it('that sends the browser back with an error is not quoted either', async () => {
    expect((await comeBack({ error: 'server_error', error_description: 'quoted' })).error).toBe('provider_refused');
    expect((await comeBack({ iss: 'https://accounts.example.com' })).code).toBeNull();
    expect(liar.asked).toHaveLength(0);
  });

  it('that calls itself differently is not believed', async () => {
    liar.metadata = { issuer: 'https://accounts.example.com' };
    await askAgain();
    expect((await comeBack()).error).toBe('provider_unreachable');
    liar.reset();
    await askAgain();
  });

  it('leads to no address inside, whatever it says about itself', async () => {
    liar.metadata = { token_endpoint: 'http://localhost:1/token' };
    await askAgain();
    liar.claims = { email: mia.email };
    expect((await comeBack()).error).toBe('provider_unreachable');
    expect(liar.asked).toHaveLength(0);
    liar.reset();
    await askAgain();
  });

  it('that is away is told by a word', async () => {
    await addProvider(acme, {
      ...{ key: 'gone', name: 'Gone', kind: 'oidc', issuer: 'http://127.0.0.1:1', clientId: 'x' },
    });
    const { location } = await new Browser().step(beginning(app, acme, 'gone'));
    expect(location!.searchParams.get('signInError')).toBe('provider_unreachable');
  });
});
