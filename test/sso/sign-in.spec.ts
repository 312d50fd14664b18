import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { startApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';
import { APPLICATION, Browser, addProvider, beginning, broughtBack, exchange, refusalBy, signInBy } from './browser.ts';
import { CLIENT, startRealIssuer, type RealIssuer } from './real-issuer.ts';

const app = await startApp({ settings: { OUTGOING_ALLOW_HOSTS: '127.0.0.1' } });
let real: RealIssuer;
let acme: TestTenant;
let globex: TestTenant;
let schema: string;
const made: Record<string, any> = {};

beforeAll(async () => {
  const keys = ['company', 'open', 'shop'];
  real = await startRealIssuer(keys.map((key) => `${app.url}/api/v1/auth/oauth/${key}/callback`));
  [acme, globex] = [await signUp(app), await signUp(app)];
  const common = { kind: 'oidc', issuer: real.issuer, ...CLIENT };
  made['company'] = await addProvider(acme, { key: 'company', name: 'Company', ...common });
  made['open'] = await addProvider(acme, { key: 'open', name: 'Open', ...common, createUsers: true });
  const domains = ['Shop.test', 'store.test'];
  made['shop'] = await addProvider(acme, { key: 'shop', name: 'Shop', ...common, createUsers: true, domains });
  await addProvider(globex, { key: 'company', name: 'Company', ...common });
  const { rows } = await app.owner.query('SELECT schema_name AS name FROM public.tenants WHERE id = $1', [acme.id]);
  schema = rows[0].name;
});
afterAll(async () => {
  await real.stop();
  await app.stop();
});

const refused = (answer: Pick<Answer, 'status' | 'error'>) => [answer.status, answer.error?.code];
const problem = ({ status, body }: { status: number; body: any }) => [status, body?.error?.code];

/** Somebody new at the provider, who sits before the browser from now on. */
function arrives(account: {
  email?: string;
  email_verified?: boolean;
  given_name?: string;
  family_name?: string;
}): string {
  const subject = `sub-${randomBytes(6).toString('hex')}`;
  real.accounts.set(subject, account);
  real.current = subject;
  return subject;
}

async function events(action: string, detail: string): Promise<any[]> {
  const sql = `SELECT * FROM "${schema}".audit_events WHERE action = $1 AND details::text LIKE '%' || $2 || '%' ORDER BY at, id`;
  return (await app.owner.query(sql, [action, detail])).rows;
}

describe('signing in by a provider', () => {
  it('links by a proved address, and from then on by who they are there', async () => {
    const mia = await acme.join('Mia', 'member');
    const subject = arrives({ email: mia.email.toUpperCase(), email_verified: true });
    const browser = new Browser();
    const first = await signInBy(app, acme, 'company', browser);
    expect(first).toMatchObject({ user: { id: mia.id }, expiresIn: 600 });
    expect(expectStatus(await new Client(app.url).as(first.accessToken).get('/users/me'), 200).data.id).toBe(mia.id);
    expect(browser.count(app.url)).toBe(0);
    expect(await events('sign_in_identity.linked', subject)).toMatchObject([{ target_id: mia.id }]);

    // An address is only an address: theirs may change at either side, and be another's by then.
    real.accounts.set(subject, { email: 'elsewhere@acme.test', email_verified: false });
    expect((await signInBy(app, acme, 'company')).user.id).toBe(mia.id);
    arrives({ email: mia.email, email_verified: true });
    expect(await refusalBy(app, acme, 'company')).toBe('identity_taken');
  });

  it('sends the browser with PKCE, state and nonce, and tells the application no token in an address', async () => {
    const stop = await new Browser().step(beginning(app, acme, 'company'));
    const { searchParams, origin } = stop.location!;
    expect([stop.status, origin]).toEqual([302, real.issuer]);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: CLIENT.clientId,
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${app.url}/api/v1/auth/oauth/company/callback`,
      scope: 'openid email profile',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^pfs_[0-9a-f]{32}_[\w-]{43}$/),
    });
    expect(stop.cookies).toEqual([
      expect.stringMatching(/^pf_sign_in_[0-9a-f]{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const mia = await acme.join('Mia', 'member');
    arrives({ email: mia.email, email_verified: true });
    const back = await new Browser().follow(beginning(app, acme, 'company'));
    expect([...back.location!.searchParams.keys()].sort()).toEqual(['from', 'signInCode']);
    expect(back.location!.href).not.toContain('eyJ');
    const { rows } = await app.owner.query(
      `SELECT t::text AS row FROM "${schema}".tokens t WHERE purpose = 'sign-in-code'`,
    );
    expect(rows.map((each) => each.row).join()).not.toContain(back.location!.searchParams.get('signInCode')!);
  });

  it('is refused to a proved stranger where newcomers are not let in, and to nobody proved', async () => {
    arrives({ email: 'stranger@elsewhere.test', email_verified: true });
    expect(await refusalBy(app, acme, 'company')).toBe('no_account');
    arrives({ email: acme.owner.email, email_verified: false });
    expect(await refusalBy(app, acme, 'company')).toBe('email_not_verified');
    expect(await refusalBy(app, acme, 'open')).toBe('email_not_verified');
    arrives({});
    expect(await refusalBy(app, acme, 'open')).toBe('email_not_verified');
    expect(await events('sign_in.refused', 'email_not_verified')).toHaveLength(3);
  });

  it('makes an account for a newcomer, once, with the role of the provider', async () => {
    arrives({ email: 'nina@new.test', email_verified: true, given_name: 'Nina', family_name: 'Neu' });
    const { user } = await signInBy(app, acme, 'open');
    expect(user).toMatchObject({ email: 'nina@new.test', firstName: 'Nina', lastName: 'Neu', roles: ['member'] });
    expect((await signInBy(app, acme, 'open')).user.id).toBe(user.id);
    // And has no password that anybody could know.
    expect(refused(await acme.visitor.post('/auth/login', { email: user.email, password: PASSWORD }))).toEqual([
      401,
      'wrong_credentials',
    ]);
  });

  it('makes one account when somebody new comes in two windows at once', async () => {
    arrives({ email: 'twice@new.test', email_verified: true, given_name: 'Tom' });
    const people = await Promise.all([signInBy(app, acme, 'open'), signInBy(app, acme, 'open')]);
    expect(people[0].user.id).toBe(people[1].user.id);
  });

  it('asks for an address of the allowed domains, every time', async () => {
    const subject = arrives({ email: 'sam@SHOP.test', email_verified: true, given_name: 'Sam' });
    expect((await signInBy(app, acme, 'shop')).user.email).toBe('sam@SHOP.test');
    real.accounts.set(subject, { email: 'sam@gone.test', email_verified: true });
    expect(await refusalBy(app, acme, 'shop')).toBe('email_domain_refused');
    real.accounts.set(subject, { email: 'sam@shop.test', email_verified: false });
    expect(await refusalBy(app, acme, 'shop')).toBe('email_not_verified');
    for (const email of ['sam@notshop.test', 'sam@shop.test.evil.test', 'shop.test@evil.test']) {
      arrives({ email, email_verified: true });
      expect([email, await refusalBy(app, acme, 'shop')]).toEqual([email, 'email_domain_refused']);
    }
  });

  it('is refused to somebody who was deactivated, linked or not, also with a code in hand', async () => {
    const mia = await acme.join('Mia', 'member');
    arrives({ email: mia.email, email_verified: true });
    const { code } = broughtBack(await new Browser().follow(beginning(app, acme, 'company')));
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    expect((await exchange(app, code)).status).toBe(401);
    expect(await refusalBy(app, acme, 'company')).toBe('account_inactive');
    arrives({ email: mia.email, email_verified: true });
    expect(await refusalBy(app, acme, 'open')).toBe('account_inactive');
  });

  it('is not possible for a service account', async () => {
    const robot = expectStatus(await acme.owner.post('/service-accounts', { name: 'Robot', roles: ['member'] }), 201);
    const { email } = expectStatus(await acme.owner.get(`/users/${robot.data.id}`), 200).data;
    arrives({ email, email_verified: true });
    expect(await refusalBy(app, acme, 'company')).toBe('no_account');
  });

  it('brings back that the person has cancelled', async () => {
    real.current = null;
    expect(await refusalBy(app, acme, 'company')).toBe('access_denied');
  });
});

describe('a sign-in under way', () => {
  /** The address to which the provider sends the browser back, not yet gone to. */
  async function callbackOf(browser: Browser, tenant = acme, more = {}): Promise<URL> {
    let { location } = await browser.step(beginning(app, tenant, 'company', more));
    while (!location!.href.startsWith(app.url)) ({ location } = await browser.step(location!));
    return location!;
  }

  beforeAll(async () => {
    const mia = await acme.join('Mia', 'member');
    arrives({ email: mia.email, email_verified: true });
  });

  it('ends once', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    expect(broughtBack(await browser.step(callback)).code).not.toBeNull();
    expect(problem(await browser.step(callback))).toEqual([400, 'sign_in_attempt_refused']);
  });

  it('ends in the browser in which it began, whoever has the address', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    expect(problem(await new Browser().step(callback))).toEqual([400, 'sign_in_attempt_refused']);
    // And the address is of no use any more.
    expect(problem(await browser.step(callback))).toEqual([400, 'sign_in_attempt_refused']);
  });

  it('ends within ten minutes', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    await app.owner.query(`UPDATE "${schema}".tokens SET expires_at = now() WHERE purpose = 'sign-in-attempt'`);
    expect(problem(await browser.step(callback))).toEqual([400, 'sign_in_attempt_refused']);
  });

  it('ends at the provider and in the organisation of its beginning', async () => {
    const browser = new Browser();
    const elsewhere = await callbackOf(browser);
    elsewhere.pathname = elsewhere.pathname.replace('company', 'open');
    expect(problem(await browser.step(elsewhere))).toEqual([400, 'sign_in_attempt_refused']);

    const named = await callbackOf(browser);
    named.searchParams.set('tenant', globex.slug);
    expect(problem(await browser.step(named))).toEqual([403, 'tenant_mismatch']);

    const bent = await callbackOf(browser);
    const state = bent.searchParams.get('state')!;
    bent.searchParams.set('state', state.replaceAll(acme.id.replaceAll('-', ''), globex.id.replaceAll('-', '')));
    expect(problem(await browser.step(bent))).toEqual([400, 'sign_in_attempt_refused']);
    for (const nothing of ['', 'pfs_x', `pfs_${'0'.repeat(32)}_${'A'.repeat(43)}`]) {
      bent.searchParams.set('state', nothing);
      expect(problem(await browser.step(bent))).toEqual([400, 'sign_in_attempt_refused']);
    }
  });

  it('goes on in two tabs of one browser', async () => {
    const browser = new Browser();
    const [one, two] = [await callbackOf(browser), await callbackOf(browser)];
    for (const callback of [one, two]) expect(broughtBack(await browser.step(callback)).code).not.toBeNull();
  });

  it('gives a code that is exchanged once, within a minute, in its organisation', async () => {
    const code = async () => broughtBack(await new Browser().follow(beginning(app, acme, 'company'))).code;
    const first = await code();
    expect(refused(await globex.visitor.post('/auth/oauth/exchange', { code: first }))).toEqual([
      403,
      'tenant_mismatch',
    ]);
    expectStatus(await exchange(app, first), 200);
    expect(refused(await exchange(app, first))).toEqual([401, 'invalid_sign_in_code']);
    const late = await code();
    await app.owner.query(`UPDATE "${schema}".tokens SET expires_at = now() WHERE purpose = 'sign-in-code'`);
    expect(refused(await exchange(app, late))).toEqual([401, 'invalid_sign_in_code']);
    const both = await code();
    const answers = await Promise.all([exchange(app, both), exchange(app, both)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401]);
  });

  it('is bound to the application that began it, if that wants to be sure', async () => {
    const codeVerifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const code = async (more = {}) =>
      broughtBack(await new Browser().follow(beginning(app, acme, 'company', more))).code;
    expect(refused(await exchange(app, await code({ codeChallenge })))).toEqual([401, 'invalid_sign_in_code']);
    const wrong = { codeVerifier: `${codeVerifier}x` };
    expect(refused(await exchange(app, await code({ codeChallenge }), wrong))).toEqual([401, 'invalid_sign_in_code']);
    // A code that somebody else has begun and slipped in.
    expect(refused(await exchange(app, await code(), { codeVerifier }))).toEqual([401, 'invalid_sign_in_code']);
    expectStatus(await exchange(app, await code({ codeChallenge }), { codeVerifier }), 200);
  });

  it.each([
    'https://evil.test/',
    'http://localhost:3001/',
    'http://localhost:3000.evil.test/',
    'http://user@localhost:3000/',
    'javascript:alert(1)',
    '//evil.test',
    'nothing',
  ])('does not come back to %s', async (returnTo) => {
    const stop = await new Browser().step(beginning(app, acme, 'company', { returnTo }));
    expect(problem(stop)).toEqual([400, 'invalid_query']);
    expect(stop.body.error.details).toMatchObject([{ pointer: '?returnTo', code: 'return_to' }]);
  });

  it('takes an address to come back to of 2,000 characters, and says so of a longer one', async () => {
    const most = `${APPLICATION}/?from=`.padEnd(1_990, 'a');
    for (const [returnTo, status] of [
      [`${most}ä${'b'.repeat(4)}`, 302],
      [`${most}ä${'b'.repeat(5)}`, 400],
      [`${most}${'b'.repeat(10_000)}`, 400],
    ] as const) {
      const stop = await new Browser().step(beginning(app, acme, 'company', { returnTo }));
      expect(stop.status).toBe(status);
      if (status === 400)
        expect(stop.body.error).toMatchObject({
          code: 'invalid_query',
          details: [{ pointer: '?returnTo', code: 'length' }],
        });
    }
  });

  it.each(['a b', '[::1', `${'a'.repeat(8_000)}.test`])(
    'is not begun under a name that no server has: %.10s',
    async (host) => {
      const answer = await new Promise<{ status?: number; text: string }>((resolve, reject) => {
        const request = http.request(beginning(app, acme, 'company'), { headers: { host } }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode, text }));
        });
        request.on('error', reject).end();
      });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text).error.details).toMatchObject([{ pointer: 'Host', code: 'host' }]);
    },
  );

  it('comes back to the first application when it was not told where', async () => {
    const url = beginning(app, acme, 'company');
    url.searchParams.delete('returnTo');
    const { location } = await new Browser().follow(url);
    expect([location!.origin, location!.pathname]).toEqual([APPLICATION, '/']);
    url.searchParams.set('colour', 'red');
    expect(problem(await new Browser().step(url))).toEqual([400, 'invalid_query']);
  });
});

describe('a provider', () => {
  it('that is disabled is neither listed nor used, not even by those on their way', async () => {
    const { id } = made['open'];
    const names = async () => (await acme.visitor.get('/auth/oauth')).data.map((each: any) => each.key);
    expect(await names()).toEqual(['company', 'open', 'shop']);
    const browser = new Browser();
    let { location } = await browser.step(beginning(app, acme, 'open'));
    while (!location!.href.startsWith(app.url)) ({ location } = await browser.step(location!));
    expectStatus(await acme.owner.patch(`/tenants/current/sign-in-providers/${id}`, { enabled: false }), 200);
    expect(await names()).toEqual(['company', 'shop']);
    for (const url of [location!, beginning(app, acme, 'open'), beginning(app, acme, 'nothing')])
      expect(problem(await browser.step(url))).toEqual([404, 'sign_in_provider_not_found']);
    expectStatus(await acme.owner.patch(`/tenants/current/sign-in-providers/${id}`, { enabled: true }), 200);
  });

  it('that is enforced takes the place of passwords, but for owners', async () => {
    const mia = await globex.join('Mia', 'admin');
    const login = (email: string, password = PASSWORD) => globex.visitor.post('/auth/login', { email, password });
    expectStatus(await login(mia.email), 200);
    const [{ id }] = expectStatus(await globex.owner.get('/tenants/current/sign-in-providers'), 200).data;
    const path = `/tenants/current/sign-in-providers/${id}`;
    expectStatus(await globex.owner.patch(path, { enforced: true }), 200);
    const answer = await login(mia.email);
    expect(refused(answer)).toEqual([403, 'password_sign_in_refused']);
    expect(answer.error.message).toContain('Company');
    expect(refused(await login(mia.email, 'another long password'))).toEqual([401, 'wrong_credentials']);
    expectStatus(await login(globex.owner.email), 200);
    arrives({ email: mia.email, email_verified: true });
    expect((await signInBy(app, globex, 'company')).user.id).toBe(mia.id);
    expectStatus(await globex.owner.patch(path, { enabled: false }), 200);
    expectStatus(await login(mia.email), 200);
  });

  it('that does not know our secret any more is told by a word, and mended by entering it', async () => {
    const mia = await acme.join('Mia', 'member');
    arrives({ email: mia.email, email_verified: true });
    const path = `/tenants/current/sign-in-providers/${made['company'].id}`;
    expectStatus(await acme.owner.patch(path, { clientSecret: 'another' }), 200);
    expect(await refusalBy(app, acme, 'company')).toBe('provider_answer_refused');
    expectStatus(await acme.owner.patch(path, { clientSecret: CLIENT.clientSecret }), 200);
    expect((await signInBy(app, acme, 'company')).user.id).toBe(mia.id);
  });

  it('that is deleted leaves the people and their sessions', async () => {
    const path = `/tenants/current/sign-in-providers/${made['company'].id}`;
    const mia = await acme.join('Mia', 'member');
    arrives({ email: mia.email, email_verified: true });
    const { accessToken } = await signInBy(app, acme, 'company');
    expectStatus(await acme.owner.delete(path), 204);
    expectStatus(await new Client(app.url).as(accessToken).get('/users/me'), 200);
    expect((await acme.owner.get(path)).error.code).toBe('sign_in_provider_not_found');
  });
});
