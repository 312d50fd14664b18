import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SigningKeysService } from '../../src/signing-keys/signing-keys.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let nobody: Client;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app, 'acme');
  nobody = new Client(app.url);
});
afterAll(() => app.stop());

describe('an access token', () => {
  it('is an RS256 JWT with tenant, role, permissions and session, which the JWKS verifies', async () => {
    const jwks = (await nobody.get('/.well-known/jwks.json')).body;
    const { kid } = decodeProtectedHeader(acme.owner.accessToken);
    const key = jwks.keys.find((each: { kid: string }) => each.kid === kid);
    expect(key).not.toHaveProperty('d');
    const { payload, protectedHeader } = await jwtVerify(acme.owner.accessToken, createLocalJWKSet(jwks), {
      audience: 'projectflow-api',
      issuer: 'projectflow',
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid });
    expect(payload).toMatchObject({ sub: acme.owner.id, tenant: acme.id, role: 'owner', permissions: ['*'] });
    expect(payload.exp! - payload.iat!).toBe(600);
    expect(Buffer.from(key.n, 'base64url').length * 8).toBe(3072);
  });

  it('works with a key that another instance published meanwhile', async () => {
    expectStatus(await acme.owner.get('/users/me'), 200);
    const { kid } = decodeProtectedHeader(acme.owner.accessToken);
    expect(kid).toBe(app.nest.get(SigningKeysService).signingKey.kid);
  });
});

describe('a token that is not ours', () => {
  const good = () => decodeJwt(acme.owner.accessToken);
  const signing = () => app.nest.get(SigningKeysService).signingKey;
  const sign = (claims: object, header: object = {}, key: KeyObject | Uint8Array = signing().privateKey) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: signing().kid, ...header })
      .sign(key);
  const now = () => Math.floor(Date.now() / 1000);

  const forgeries: [string, () => Promise<string> | string][] = [
    ['unsigned', () => new UnsecuredJWT({ ...good() }).encode()],
    ['with the signature cut off', () => acme.owner.accessToken.split('.').slice(0, 2).join('.') + '.'],
    [
      'with another payload',
      () =>
        acme.owner.accessToken.replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify({ ...good(), role: 'x' })).toString('base64url')}.`,
        ),
    ],
    ['signed by a stranger', () => sign(good(), {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    [
      'signed with HMAC over our public key',
      () => {
        const pem = createPublicKey(signing().privateKey).export({ type: 'spki', format: 'pem' }).toString();
        return sign(good(), { alg: 'HS256' }, Buffer.from(pem));
      },
    ],
    ['of another type', () => sign(good(), { typ: 'JWT' })],
    ['without a key id', () => sign(good(), { kid: undefined })],
    ['with an unknown key id', () => sign(good(), { kid: 'nobody' })],
    ['that brings its own key', () => sign(good(), { jwk: {} })],
    ['that points at a key', () => sign(good(), { jku: 'https://evil.test/jwks.json' })],
    ['with another algorithm of our key', () => sign(good(), { alg: 'PS256' })],
    ['expired', () => sign({ ...good(), exp: now() - 60 })],
    ['not yet valid', () => sign({ ...good(), nbf: now() + 600 })],
    ['without an end', () => sign({ ...good(), exp: undefined })],
    ['for another audience', () => sign({ ...good(), aud: 'somebody' })],
    ['of another issuer', () => sign({ ...good(), iss: 'somebody' })],
    ['without a tenant', () => sign({ ...good(), tenant: undefined })],
    ['of a session that never was', () => sign({ ...good(), sid: '01a1fd63-67b4-7171-b0f8-56b6502b6e47' })],
    ['of another person’s session', () => sign({ ...good(), sub: '01a1fd63-67b4-7171-b0f8-56b6502b6e47' })],
    ['that is no token', () => 'x.y.z'],
    ['that is empty', () => ''],
  ];

  it.each(forgeries)('is refused: %s', async (_, forge) => {
    const answer = await nobody
      .with({ 'x-tenant-domain': 'acme', authorization: `Bearer ${await forge()}` })
      .get('/users/me');
    expect(answer).toMatchObject({ status: 401, error: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is refused when it names another tenant, with a good signature', async () => {
    const globex = await signUp(app, 'globex');
    const moved = await sign({ ...good(), tenant: globex.id });
    expect((await nobody.as(moved).get('/users/me')).status).toBe(401);
  });

  it('is refused from the moment at which its time has passed, though it was good until then', async () => {
    const brief = nobody.as(await sign({ ...good(), exp: now() + 2 }));
    expectStatus(await brief.get('/users/me'), 200);
    await eventually(async () => expect(await brief.get('/users/me')).toMatchObject({ status: 401 }));
  });

  it('would have been accepted, had it been made as ours are', async () => {
    expectStatus(await nobody.as(await sign(good())).get('/users/me'), 200);
  });
});
