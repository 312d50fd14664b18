import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { SignedTokens } from '../../src/signing-keys/signed-tokens.service.ts';
import { SIGNING_ALGORITHMS } from '../../src/signing-keys/signing-keys.types.ts';
import { SigningKeysService } from '../../src/signing-keys/signing-keys.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { projectflow } from '../support/projectflow.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let other: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  other = await startApp({ database: app.database });
  acme = await signUp(app, 'acme');
  await eventually(async () => expect(await statesOf(app)).toEqual(['next', 'current']));
});
afterAll(async () => {
  await other.stop();
  await app.stop();
});

const keysOf = (one: TestApp) => one.nest.get(SigningKeysService);
const statesOf = async (one: TestApp) => (await keysOf(one).list()).map((key) => key.state);
const published = async (one: TestApp): Promise<string[]> =>
  (await new Client(one.url).get('/.well-known/jwks.json')).body.keys.map((key: { kid: string }) => key.kid);
const kidOf = ({ accessToken }: Person) => decodeProtectedHeader(accessToken).kid;
const again = (one: TestApp) => signIn(new Client(one.url, { 'x-tenant-domain': acme.slug }), acme.owner.email);
const at = (one: TestApp, person: Person) => new Client(one.url).as(person.accessToken).get('/users/me');

describe('a rotation', () => {
  it('signs with the next key on every instance, and accepts what the key before has signed', async () => {
    const before = await again(app);
    const [next, current] = await keysOf(app).list();
    expect(kidOf(before)).toBe(current!.kid);
    expect(await published(other)).toContain(next!.kid);

    const rotated = await projectflow(app, ['--json', 'key', 'rotate']);
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(rotated.json.map((key: { state: string }) => key.state)).toEqual(['next', 'current', 'previous']);
    expect(rotated.json.map((key: { kid: string }) => key.kid).slice(1)).toEqual([next!.kid, current!.kid]);
    expect((await projectflow(app, ['--json', 'key', 'list'])).json).toEqual(rotated.json);

    for (const one of [app, other]) {
      const after = await eventually(async () => {
        const signedIn = await again(one);
        expect(kidOf(signedIn)).toBe(next!.kid);
        return signedIn;
      });
      expect((await published(one)).sort()).toEqual(rotated.json.map((key: { kid: string }) => key.kid).sort());
      for (const where of [app, other]) {
        expectStatus(await at(where, after), 200);
        expectStatus(await at(where, before), 200);
      }
    }
  });

  it('is refused while tokens of the previous key may be alive, and says when it is possible', async () => {
    const refused = await projectflow(app, ['--json', 'key', 'rotate']);
    expect(refused).toMatchObject({ code: 1, json: { error: { code: 'rotation_too_soon' } } });
    const [, , previous] = await keysOf(app).list();
    const [, possibleAt] = /until (\S+Z)/.exec(refused.json.error.message)!;
    expect(Date.parse(possibleAt!) - previous!.since.getTime()).toBe(3_605_000);

    await app.owner.query(
      `UPDATE public.signing_keys SET retired_at = retired_at - interval '3605 seconds' WHERE retired_at IS NOT NULL`,
    );
    expect(await projectflow(app, ['key', 'rotate'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('with --force ends the tokens of the previous key, on every instance', async () => {
    const person = await again(app);
    await keysOf(app).rotate({ force: true });
    // Both have checked its signature, and would not have to do it again.
    for (const one of [app, other]) expectStatus(await at(one, person), 200);
    await keysOf(app).rotate({ force: true });
    for (const one of [app, other])
      await eventually(async () => expect(await at(one, person)).toMatchObject({ status: 401 }));
    expect(await published(other)).not.toContain(kidOf(person));
  });

  it('by two operators at once leaves one key of each state', async () => {
    await Promise.all([keysOf(app).rotate({ force: true }), keysOf(other).rotate({ force: true })]);
    expect(await statesOf(app)).toEqual(['next', 'current', 'previous']);
    for (const one of [app, other]) expectStatus(await at(one, await again(one)), 200);
  });

  it('keeps private keys sealed, and publishes none of them', async () => {
    const { rows } = await app.owner.query('SELECT private_key FROM public.signing_keys');
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.private_key).toMatch(/^v1\.[0-9a-f]{8}\./);
    const { body } = await new Client(app.url).get('/.well-known/jwks.json');
    for (const key of body.keys) {
      expect(Object.keys(key)).toEqual(expect.arrayContaining(['kid', 'alg', 'use', 'kty']));
      expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name))).toEqual([]);
    }
  });
});

describe.each(SIGNING_ALGORITHMS)('with %s', (algorithm) => {
  let person: Person;
  beforeAll(async () => {
    await keysOf(app).rotate({ algorithm, force: true });
    await keysOf(app).rotate({ force: true });
    person = await again(app);
  });

  it('somebody signs in and calls, here and at another instance', async () => {
    expect(decodeProtectedHeader(person.accessToken)).toMatchObject({ alg: algorithm, typ: 'at+jwt' });
    expectStatus(await at(app, person), 200);
    await eventually(async () => expectStatus(await at(other, person), 200));
  });

  it('an outside service verifies the token with what is published', async () => {
    const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', app.url));
    const { payload } = await jwtVerify(person.accessToken, jwks, { issuer: 'projectflow', typ: 'at+jwt' });
    expect(payload).toMatchObject({ sub: acme.owner.id, tenant: acme.id, aud: 'projectflow-api' });
  });

  it('a token of another algorithm is refused, although the key that it names is ours', async () => {
    const { kid, privateKey } = keysOf(app).signingKey;
    const sign = (header: object, key: typeof privateKey | Uint8Array) =>
      new SignJWT({ tenant: acme.id })
        .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid, ...header })
        .setIssuer('projectflow')
        .setAudience('projectflow-api')
        .setSubject(acme.owner.id)
        .setNotBefore('-5s')
        .setExpirationTime('5m')
        .sign(key);
    const verifying = (token: string) => app.nest.get(SignedTokens).verify(token, 'projectflow-api');
    expect(await verifying(await sign({}, privateKey))).toMatchObject({ sub: acme.owner.id });
    const { body } = await new Client(app.url).get('/.well-known/jwks.json');
    const publicKey = JSON.stringify(body.keys.find((each: { kid: string }) => each.kid === kid));
    await expect(verifying(await sign({ alg: 'HS256' }, Buffer.from(publicKey)))).rejects.toThrow();
    const others = { RS256: 'PS256', PS256: 'RS256', ES256: null, EdDSA: null }[algorithm];
    if (others) await expect(verifying(await sign({ alg: others }, privateKey))).rejects.toThrow();
    const renamed = (await sign({}, privateKey)).replace(/^[^.]+/, () =>
      Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid })).toString('base64url'),
    );
    await expect(verifying(renamed)).rejects.toThrow();
  });
});
