import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SignedTokens } from '../../src/signing-keys/signed-tokens.service.ts';
import { SigningKeysService } from '../../src/signing-keys/signing-keys.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { signIn, signUp, type TestTenant } from '../support/tenant.ts';
import { mutants } from './mutants.ts';

const COUNT = 10_000;
const OVER_HTTP = 400;

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app, 'acme');
});
afterAll(() => app.stop());

it.each(['RS256', 'ES256'] as const)(
  'none of 10,000 changed %s tokens is accepted',
  async (algorithm) => {
    const keys = app.nest.get(SigningKeysService);
    await keys.rotate({ algorithm, force: true });
    await keys.rotate({ force: true });
    const { accessToken } = await signIn(acme.visitor, acme.owner.email);
    const others = [(await signIn(acme.visitor, acme.owner.email)).accessToken];
    const tokens = app.nest.get(SignedTokens);
    const accepted: string[] = [];
    const forged = mutants(accessToken, others, COUNT);
    expect(forged).toHaveLength(COUNT);
    await Promise.all(
      forged.map(async (text) => {
        const isAccepted = await tokens.verify(text, 'projectflow-api').then(
          () => true,
          () => false,
        );
        if (isAccepted) accepted.push(text);
      }),
    );
    expect(accepted).toEqual([]);

    const nobody = new Client(app.url, { 'x-tenant-domain': acme.slug });
    // What a header cannot carry never arrives.
    const sendable = forged.filter((text) => /^[\x21-\x7e]*$/.test(text));
    const sample = sendable.filter((_, i) => i % Math.floor(sendable.length / OVER_HTTP) === 0);
    expect(sample.length).toBeGreaterThanOrEqual(OVER_HTTP);
    const statuses = await Promise.all(sample.map(async (text) => (await nobody.as(text).get('/users/me')).status));
    expect([...new Set(statuses)]).toEqual([401]);

    for (const good of [accessToken, ...others]) expectStatus(await nobody.as(good).get('/users/me'), 200);
  },
  60_000,
);
