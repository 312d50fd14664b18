import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { v7 as newId } from 'uuid';
import { SigningKeysService } from '../../src/signing-keys/signing-keys.service.ts';
import { routesOf } from '../isolation/routes.ts';
import { startApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { enrolOperator, type TestOperator } from '../support/operator.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const app = await startApp({ settings: { WORKER: 'false' } });
const { routes } = routesOf(app);
let acme: TestTenant;
let operator: TestOperator;
beforeAll(async () => {
  acme = await signUp(app, 'acme');
  operator = await enrolOperator(app);
});
afterAll(() => app.stop());

const pathOf = (path: string) => path.replaceAll(/:\w+/g, newId());
const isForTenants = ({ access }: (typeof routes)[number]) =>
  access?.kind === 'requires' || access?.kind === 'signed-in';

async function recorded(): Promise<number> {
  return (await app.owner.query('SELECT count(*)::int AS count FROM public.operator_events')).rows[0].count;
}

/** Claims and audience as they should be; only who it is for is mixed up. */
function forged(audience: string, claims: object): Promise<string> {
  const { kid, algorithm, privateKey } = app.nest.get(SigningKeysService).signingKey;
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt' })
    .setIssuer('projectflow')
    .setAudience(audience)
    .setNotBefore('-5s')
    .setExpirationTime('5m')
    .sign(privateKey);
}

describe('what is for operators', () => {
  const forOperators = routes.filter((route) => route.access?.kind === 'operator');

  it('was found', () => {
    expect(forOperators.length).toBeGreaterThan(2);
  });

  it.each(forOperators)('refuses every token of a tenant, and nobody: $name', async ({ method, path }) => {
    const before = await recorded();
    const owner = new Client(app.url).as(acme.owner.accessToken);
    const session = JSON.parse(Buffer.from(acme.owner.accessToken.split('.')[1]!, 'base64url').toString());
    const asOperator = await forged('projectflow-platform', session);
    const callers = [
      owner,
      acme.owner,
      new Client(app.url),
      new Client(app.url).as(asOperator),
      new Client(app.url).as('x.y.z'),
    ];
    for (const caller of callers) {
      const answer = await caller.call(method, pathOf(path), { body: method === 'GET' ? undefined : {} });
      expect(answer).toMatchObject({ status: 401, error: { code: 'unauthenticated' } });
    }
    expect(await recorded()).toBe(before);
  });

  it('looks up no tenant, whatever the header says', async () => {
    const named = operator.with({ 'x-tenant-domain': 'no-such-tenant-at-all' });
    expectStatus(await named.get('/platform/auth/me'), 200);
  });
});

describe('what is for tenants', () => {
  const forTenants = routes.filter(isForTenants);

  it('refuses every token of an operator', async () => {
    expect(forTenants.length).toBeGreaterThan(25);
    const claims = { sub: operator.id, sid: newId(), tenant: acme.id };
    const asTenant = await forged('projectflow-api', claims);
    for (const { method, path } of forTenants) {
      for (const token of [operator.accessToken, asTenant]) {
        for (const client of [new Client(app.url), acme.visitor]) {
          const body = method === 'GET' ? undefined : {};
          const answer = await client.as(token).call(method, pathOf(path), { body });
          expect([path, answer.status]).toEqual([path, 401]);
        }
      }
    }
  });
});
