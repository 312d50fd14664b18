import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { DomainNames } from '../../src/platform/tenancy/domain-names.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { getWithHost } from '../support/hosts.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
/** What the domain name system says, for both instances. */
const records = new Map<string, string[]>();

beforeAll(async () => {
  one = await startApp({ settings: { BASE_DOMAIN: 'projectflow.io' } });
  two = await startApp({ settings: { BASE_DOMAIN: 'projectflow.io', WORKER: 'false' }, database: one.database });
  for (const app of [one, two])
    app.nest.get(DomainNames).resolveTxt = (name) => {
      const found = records.get(name) ?? [];
      return found.includes('no answer') ? Promise.reject(new Error('nobody answers')) : Promise.resolve(found);
    };
});
beforeEach(async () => {
  acme = await signUp(one);
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

const CURRENT = '/tenants/current';
const DOMAINS = '/tenants/current/domains';
const newDomain = () => `work-${randomBytes(4).toString('hex')}.example.com`;

async function claim(tenant: TestTenant, domain = newDomain()): Promise<any> {
  return expectStatus(await tenant.owner.post(DOMAINS, { domain }), 201).data;
}

/** Sets the record that proves it, and verifies. */
async function prove(tenant: TestTenant, { id, challenge }: any) {
  records.set(challenge.name, ['v=spf1 -all', challenge.value]);
  return tenant.owner.put(`${DOMAINS}/${id}/verification`);
}

/** Who answers to a domain, as Host and as header, on both instances. */
async function whoAnswers(domain: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const { url } of [one, two]) {
    answers.push((await getWithHost(url, CURRENT, `${domain.toUpperCase()}:8080`)).body.data?.slug ?? null);
    answers.push((await new Client(url).get(CURRENT, { 'x-tenant-domain': domain })).data?.slug ?? null);
  }
  return answers;
}

const NOBODY = [null, null, null, null];

describe('a domain of an organisation’s own', () => {
  it('leads to it from the verification until the removal, on every instance', async () => {
    const claimed = await claim(acme);
    expect(claimed).toMatchObject({
      verified: false,
      primary: false,
      challenge: { type: 'TXT', name: `_projectflow-challenge.${claimed.domain}` },
    });
    expect(await whoAnswers(claimed.domain)).toEqual(NOBODY);
    expect((await prove(acme, claimed)).data).toMatchObject({ id: claimed.id, verified: true });
    await eventually(async () => expect(await whoAnswers(claimed.domain)).toEqual(Array(4).fill(acme.slug)));
    const profile = await getWithHost(two.url, '/users/me', claimed.domain, {
      authorization: `Bearer ${acme.owner.accessToken}`,
    });
    expect(profile.body.data.email).toBe(acme.owner.email);
    expectStatus(await acme.owner.delete(`${DOMAINS}/${claimed.id}`), 204);
    await eventually(async () => expect(await whoAnswers(claimed.domain)).toEqual(NOBODY));
    expect((await acme.owner.get(DOMAINS)).data).toEqual([]);
    expect(await acme.owner.get(`${DOMAINS}/${claimed.id}`)).toMatchObject({
      status: 404,
      error: { code: 'domain_not_found' },
    });
  });

  it('is not verified by an absent or another record, and says what was found', async () => {
    const { id, challenge, domain } = await claim(acme);
    const absent = expectStatus(await acme.owner.put(`${DOMAINS}/${id}/verification`), 409);
    expect(absent.error).toMatchObject({ code: 'domain_not_proved', message: expect.stringMatching(/No TXT record/) });
    records.set(challenge.name, [`${challenge.value}x`, 'google-site-verification=1']);
    const wrong = expectStatus(await acme.owner.put(`${DOMAINS}/${id}/verification`), 409);
    expect(wrong.error.message).toContain(`must say ${challenge.value}. Found there: ${challenge.value}x, google`);
    records.set(challenge.name, ['no answer']);
    const unasked = expectStatus(await acme.owner.put(`${DOMAINS}/${id}/verification`), 503);
    expect(unasked.error.code).toBe('dns_unavailable');
    expect(await whoAnswers(domain)).toEqual(NOBODY);
  });

  it('can be claimed by two, and proved by one', async () => {
    const globex = await signUp(one);
    const mine = await claim(acme);
    const theirs = await claim(globex, mine.domain);
    expect(theirs.challenge.value).not.toBe(mine.challenge.value);
    // The record of the one proves nothing for the other.
    records.set(mine.challenge.name, [theirs.challenge.value]);
    expect((await acme.owner.put(`${DOMAINS}/${mine.id}/verification`)).error.code).toBe('domain_not_proved');
    records.set(mine.challenge.name, [mine.challenge.value, theirs.challenge.value]);
    const both = await Promise.all([
      acme.owner.put(`${DOMAINS}/${mine.id}/verification`),
      globex.owner.put(`${DOMAINS}/${theirs.id}/verification`),
    ]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(both.find((answer) => answer.status === 409)!.error.code).toBe('domain_taken');
    const winner = both[0].status === 200 ? acme : globex;
    await eventually(async () => expect(await whoAnswers(mine.domain)).toEqual(Array(4).fill(winner.slug)));
  });

  it('is nobody else’s: another organisation’s token does not fit it, and its id is unknown there', async () => {
    const globex = await signUp(one);
    const mine = await claim(acme);
    expectStatus(await prove(acme, mine), 200);
    const foreign = await getWithHost(one.url, '/users/me', mine.domain, {
      authorization: `Bearer ${globex.owner.accessToken}`,
    });
    expect(foreign).toMatchObject({ status: 403, body: { error: { code: 'tenant_mismatch' } } });
    for (const answer of [
      await globex.owner.get(`${DOMAINS}/${mine.id}`),
      await globex.owner.put(`${DOMAINS}/${mine.id}/verification`),
      await globex.owner.put(`${DOMAINS}/${mine.id}/primary`),
      await globex.owner.delete(`${DOMAINS}/${mine.id}`),
    ])
      expect(answer).toMatchObject({ status: 404, error: { code: 'domain_not_found' } });
    expect((await globex.owner.get(DOMAINS)).data).toEqual([]);
    const member = await acme.join('Mia', 'member');
    expect((await member.post(DOMAINS, { domain: newDomain() })).status).toBe(403);
  });

  it.each([
    'projectflow.io',
    'acme.projectflow.io',
    'printer.local',
    'db.internal',
    'acme.test',
    '1.0.0.127.in-addr.arpa',
    `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.com`,
  ])('cannot be %s', async (domain) => {
    expect(await acme.owner.post(DOMAINS, { domain })).toMatchObject({
      status: 400,
      error: { code: 'validation_failed', details: [{ pointer: '/domain', code: 'domain_refused' }] },
    });
  });

  it('is written in its encoded form when its name is international, and found by it', async () => {
    expect(await acme.owner.post(DOMAINS, { domain: 'müller.example.com' })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/domain', code: 'pattern', message: expect.stringMatching(/xn--/) }] },
    });
    for (const domain of ['Example.com', 'localhost', '192.168.1.1', 'example.com.', '*.example.com'])
      expectStatus(await acme.owner.post(DOMAINS, { domain }), 400);
    const encoded = await claim(acme, `xn--mller-kva.${newDomain()}`);
    expectStatus(await prove(acme, encoded), 200);
    await eventually(async () => expect(await whoAnswers(encoded.domain)).toEqual(Array(4).fill(acme.slug)));
  });

  it('is the primary one alone, also when two are made so at once, and only once it is verified', async () => {
    const [first, second, third] = [await claim(acme), await claim(acme), await claim(acme)];
    expect((await acme.owner.put(`${DOMAINS}/${first.id}/primary`)).error.code).toBe('domain_not_verified');
    for (const each of [first, second]) expectStatus(await prove(acme, each), 200);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => acme.owner.put(`${DOMAINS}/${[first, second][i % 2]!.id}/primary`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    const primary = () => acme.owner.get(DOMAINS).then(({ data }) => data.filter((each: any) => each.primary));
    expect(await primary()).toHaveLength(1);
    expectStatus(await acme.owner.put(`${DOMAINS}/${second.id}/primary`), 200);
    expect(await primary()).toMatchObject([{ id: second.id }]);
    expectStatus(await acme.owner.delete(`${DOMAINS}/${second.id}`), 204);
    expect((await acme.owner.get(DOMAINS)).data.map((each: any) => each.id)).toEqual([first.id, third.id]);
  });

  it('is one of 20 at most, however many are claimed at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => acme.owner.post(DOMAINS, { domain: newDomain() })),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(20);
    const refused = answers.filter((answer) => answer.status !== 201);
    expect(refused.map((answer) => answer.error.code)).toEqual(Array(4).fill('too_many_domains'));
    expect((await acme.owner.get(DOMAINS)).data).toHaveLength(20);
    const again = (await acme.owner.get(DOMAINS)).data[0];
    expectStatus(await acme.owner.delete(`${DOMAINS}/${again.id}`), 204);
    await claim(acme, again.domain);
    expect((await acme.owner.post(DOMAINS, { domain: again.domain })).status).toBe(409);
  });
});
