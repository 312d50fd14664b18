import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { Browser, addProvider, beginning, refusalBy, signInBy } from './browser.ts';
import { startGitHub, type GitHub } from './git-hub.ts';

const app = await startApp({ settings: { OUTGOING_ALLOW_HOSTS: '127.0.0.1' } });
let github: GitHub;
let acme: TestTenant;
let provider: any;
beforeAll(async () => {
  github = await startGitHub();
  acme = await signUp(app);
  provider = await addProvider(acme, {
    ...{ key: 'github', name: 'GitHub', kind: 'github', issuer: github.url },
    ...{ clientId: 'our-app', clientSecret: 'right', createUsers: true, role: 'viewer' },
  });
});
beforeEach(() => {
  github.heard.length = 0;
});
afterAll(async () => {
  github.stop();
  await app.stop();
});

const primary = (email: string, verified = true) => [
  { email: 'other@x.test', primary: false, verified: true },
  { email, primary: true, verified },
];

describe('signing in by GitHub', () => {
  it('knows people by the number of their account, and links by the primary address once it is verified', async () => {
    const mia = await acme.join('Mia', 'member');
    github.user = { id: 7, login: 'mia', name: null, email: 'a public one@x.test' };
    github.emails = primary(mia.email, false);
    expect(await refusalBy(app, acme, 'github')).toBe('email_not_verified');
    github.emails = primary(mia.email);
    expect((await signInBy(app, acme, 'github')).user.id).toBe(mia.id);
    github.emails = [];
    expect((await signInBy(app, acme, 'github')).user.id).toBe(mia.id);
    // A login name goes to others when it was given up.
    github.user = { id: 8, login: 'mia', name: 'Mia' };
    expect(await refusalBy(app, acme, 'github')).toBe('email_not_verified');
  });

  it('makes an account with the role of the provider', async () => {
    github.user = { id: 9, login: 'nina', name: 'Nina van der Neu' };
    github.emails = primary('nina@new.test');
    const { user } = await signInBy(app, acme, 'github');
    expect(user).toMatchObject({ firstName: 'Nina', lastName: 'van der Neu', roles: ['viewer'] });
    github.user = { id: 10, login: 'octocat', name: null };
    github.emails = primary('cat@new.test');
    expect((await signInBy(app, acme, 'github')).user).toMatchObject({ firstName: 'octocat', lastName: '' });
  });

  it('uses PKCE, asks for what it needs, and sends the token to the API alone', async () => {
    github.user = { id: 9, login: 'nina', name: 'Nina' };
    const { location } = await new Browser().step(beginning(app, acme, 'github'));
    expect(location!.origin + location!.pathname).toBe(`${github.url}/login/oauth/authorize`);
    expect(location!.searchParams.get('code_challenge_method')).toBe('S256');
    expect(location!.searchParams.get('scope')).toBe('read:user user:email');
    await signInBy(app, acme, 'github');
    const calls = github.heard.filter(({ call }) => !call.includes('authorize'));
    expect(calls.map(({ call, authorization }) => [call, authorization])).toEqual([
      ['POST /login/oauth/access_token', undefined],
      ['GET /api/v3/user', 'Bearer gho_1'],
      ['GET /api/v3/user/emails', 'Bearer gho_1'],
    ]);
    expect(calls[0]!.body.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  it('is refused by a word when GitHub refuses us, or says nonsense', async () => {
    const path = `/tenants/current/sign-in-providers/${provider.id}`;
    for (const user of [{}, { id: 'x' }, null, []]) {
      github.user = user;
      expect([user, await refusalBy(app, acme, 'github')]).toEqual([user, 'provider_answer_refused']);
    }
    expectStatus(await acme.owner.patch(path, { clientSecret: 'wrong' }), 200);
    expect(await refusalBy(app, acme, 'github')).toBe('provider_answer_refused');
  });
});
