import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Authenticator } from '../support/authenticator.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { PASSWORD, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

async function register(person: Person, authenticator: Authenticator, name = 'my phone'): Promise<Answer> {
  const { options, challengeToken } = expectStatus(await person.post('/auth/passkeys/registration-options'), 200).data;
  return person.post('/auth/passkeys', { name, challengeToken, response: authenticator.create(options) });
}

const begin = async (tenant = acme) => expectStatus(await tenant.visitor.post('/auth/passkeys/options'), 200).data;
const signInWith = (challengeToken: string, response: object, tenant = acme) =>
  tenant.visitor.post('/auth/passkeys/sign-in', { challengeToken, response });

describe('a passkey', () => {
  it('signs in without a password and without a second step', async () => {
    const person = await acme.join('Mia', 'member');
    const phone = new Authenticator();
    const { data } = expectStatus(await register(person, phone), 201);
    expect(data).toMatchObject({ name: 'my phone', lastUsedAt: null, recoveryCodes: expect.any(Array) });
    expect(data.recoveryCodes).toHaveLength(10);
    const { options, challengeToken } = await begin();
    const signedIn = expectStatus(await signInWith(challengeToken, phone.get(options)), 200).data;
    expect(signedIn.user.id).toBe(person.id);
    const mine = acme.visitor.as(signedIn.accessToken);
    expect((await mine.get('/auth/passkeys')).data).toEqual([
      expect.objectContaining({ lastUsedAt: expect.any(String) }),
    ]);
    expect((await mine.get('/auth/sessions')).data[0]).toMatchObject({ current: true, method: 'passkey' });
  });

  it('is a second factor beside the password', async () => {
    const person = await acme.join('Nia', 'member');
    const key = new Authenticator();
    expectStatus(await register(person, key), 201);
    const step = expectStatus(
      await acme.visitor.post('/auth/login', { email: person.email, password: PASSWORD }),
      200,
    ).data;
    expect(step.factors).toEqual(['passkey', 'recovery_code']);
    const { options, challengeToken } = expectStatus(
      await acme.visitor.post('/auth/mfa/passkeys/options', { mfaToken: step.mfaToken }),
      200,
    ).data;
    expect(options.allowCredentials).toEqual([expect.objectContaining({ id: key.id })]);
    const answer = await acme.visitor.post('/auth/mfa/passkeys/verify', {
      mfaToken: step.mfaToken,
      challengeToken,
      response: key.get(options),
    });
    expect(expectStatus(answer, 200).data.user.id).toBe(person.id);
  });

  it.each([
    [
      'an answer to another challenge',
      async (key: Authenticator) => {
        const [first, second] = [await begin(), await begin()];
        return signInWith(first.challengeToken, key.get(second.options));
      },
    ],
    [
      'a challenge that was answered before',
      async (key: Authenticator) => {
        const { options, challengeToken } = await begin();
        expectStatus(await signInWith(challengeToken, key.get(options)), 200);
        return signInWith(challengeToken, key.get(options));
      },
    ],
    [
      'a page of another origin',
      async (key: Authenticator) => {
        const { options, challengeToken } = await begin();
        key.origin = 'http://localhost.evil.test';
        return signInWith(challengeToken, key.get(options));
      },
    ],
    [
      'somebody who did not show finger, face or PIN',
      async (key: Authenticator) => {
        const { options, challengeToken } = await begin();
        return signInWith(challengeToken, key.get(options, { verified: false }));
      },
    ],
    [
      'a counter that went back, as that of a copy does',
      async (key: Authenticator) => {
        const once = await begin();
        expectStatus(await signInWith(once.challengeToken, key.get(once.options)), 200);
        const { options, challengeToken } = await begin();
        return signInWith(challengeToken, key.get(options, { counts: false }));
      },
    ],
    [
      'a key that nobody registered',
      async () => {
        const { options, challengeToken } = await begin();
        return signInWith(challengeToken, new Authenticator().get(options));
      },
    ],
    ['an answer that is none', async () => signInWith((await begin()).challengeToken, { id: 7, response: null })],
  ])('does not take %s', async (_, attempt) => {
    const person = await acme.join('Ole', 'member');
    const key = new Authenticator();
    expectStatus(await register(person, key), 201);
    const answer = await attempt(key);
    expect([answer.status, answer.error.code]).toEqual([
      400,
      expect.stringMatching(/^(validation_failed|invalid_token)$/),
    ]);
  });

  it('of another tenant opens nothing here', async () => {
    const other = await signUp(app);
    const theirs = new Authenticator();
    expectStatus(await register(other.owner, theirs), 201);
    const { options, challengeToken } = await begin();
    expectStatus(await signInWith(challengeToken, theirs.get(options)), 400);
    const foreign = await begin(other);
    expectStatus(await signInWith(foreign.challengeToken, theirs.get(foreign.options)), 400);
    const own = await begin(other);
    expectStatus(await signInWith(own.challengeToken, theirs.get(own.options), other), 200);
  });

  it('of somebody who is off opens nothing', async () => {
    const person = await acme.join('Pia', 'member');
    const key = new Authenticator();
    expectStatus(await register(person, key), 201);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { active: false }), 200);
    const { options, challengeToken } = await begin();
    const refused = expectStatus(await signInWith(challengeToken, key.get(options)), 401);
    expect(refused.error.code).toBe('account_inactive');
  });

  it('is kept with the ways to reach it that browsers name, whatever else the browser says', async () => {
    const person = await acme.join('Pam', 'member');
    const key = new Authenticator();
    const { options, challengeToken } = expectStatus(
      await person.post('/auth/passkeys/registration-options'),
      200,
    ).data;
    const { response, ...rest } = key.create(options) as { response: object };
    const transports = ['internal', 'hybrid', 'internal', 'x'.repeat(9_000), ...Array(500).fill('usb')];
    const answer = { ...rest, response: { ...response, transports } };
    expectStatus(await person.post('/auth/passkeys', { name: 'phone', challengeToken, response: answer }), 201);
    const again = expectStatus(await person.post('/auth/passkeys/registration-options'), 200).data.options;
    expect(again.excludeCredentials).toEqual([
      { id: key.id, transports: ['internal', 'hybrid', 'usb'], type: 'public-key' },
    ]);
  });

  it('is one person’s, also when it is registered by many at once', async () => {
    const people = [await acme.join('Ann', 'member'), await acme.join('Ben', 'member')];
    const key = new Authenticator();
    const answers = await Promise.all([...people, ...people].map((person) => register(person, key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400]);
    expect(answers.find(({ status }) => status === 400)).toMatchObject({
      error: { details: [{ code: 'passkey_refused' }] },
    });
  });

  it('is renamed and removed by its person alone', async () => {
    const person = await acme.join('Quin', 'member');
    const { id } = expectStatus(await register(person, new Authenticator()), 201).data;
    expectStatus(await acme.owner.patch(`/auth/passkeys/${id}`, { name: 'mine now' }), 404);
    expectStatus(await acme.owner.delete(`/auth/passkeys/${id}`), 404);
    expect(expectStatus(await person.patch(`/auth/passkeys/${id}`, { name: 'old phone' }), 200).data.name).toBe(
      'old phone',
    );
    expectStatus(await person.delete(`/auth/passkeys/${id}`), 204);
    expect((await person.get('/auth/passkeys')).data).toEqual([]);
    expect(
      expectStatus(await acme.visitor.post('/auth/login', { email: person.email, password: PASSWORD }), 200).data
        .accessToken,
    ).toBeDefined();
  });
});
