import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { UnprovedTenants } from '../../src/onboarding/unproved-tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { startMailbox, tokenIn, type Mailbox } from '../support/mailbox.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

const LIMITED = { RATE_LIMIT_ENABLED: 'true', TRUST_PROXY: '1', RATE_LIMIT_ADDRESS: '10000', RATE_LIMIT_USER: '10000' };
const DAY_MS = 86_400_000;

let app: TestApp;
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { ...LIMITED, SMTP_URL: mailbox.url } });
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

const newSlug = () => `s-${randomBytes(5).toString('hex')}`;

function ask(network: string, email: string, more: object = {}, at = app): Promise<Answer> {
  const slug = newSlug();
  const admin = { email, password: PASSWORD, firstName: 'Sam', lastName: 'Stranger' };
  return new Client(at.url, { 'x-forwarded-for': network }).post('/tenants', {
    name: 'Strangers',
    slug,
    admin,
    ...more,
  });
}
const statuses = (answers: Answer[]) => answers.map(({ status }) => status);
const mailsTo = (address: string) => mailbox.received.filter(({ to }) => to?.some((each) => each.address === address));

const organisation = (network: string) => signUp(app, newSlug(), { 'x-forwarded-for': network });

describe('sign-ups', () => {
  it('are ten an hour of one network, also of many at once, and of one address', async () => {
    const many = await Promise.all(
      Array.from({ length: 14 }, (_, i) => ask(`198.51.100.${i + 1}`, `many-${i}@strangers.test`)),
    );
    // On a crowded machine one of those that took a turn may hear 503.
    expect(statuses(many).filter((status) => status !== 429)).toHaveLength(10);
    expect(statuses(many).filter((status) => status === 201).length).toBeGreaterThan(5);
    const refused = many.find(({ status }) => status === 429)!;
    expect([refused.error.code, Number(refused.headers.get('retry-after')) > 60]).toEqual(['rate_limited', true]);
    expectStatus(await ask('198.51.101.1', 'next-door@strangers.test'), 201);
    // What is refused for another reason takes nobody's turn.
    const weak = {
      admin: { email: 'weak@strangers.test', password: 'password1234567', firstName: 'W', lastName: 'W' },
    };
    for (let i = 0; i < 12; i += 1) expectStatus(await ask('203.0.113.1', 'weak@strangers.test', weak), 400);
    expectStatus(await ask('203.0.113.2', 'weak@strangers.test'), 201);
    const refusals: number[] = [];
    for (let i = 0; i < 62; i += 1)
      refusals.push((await ask(`203.0.114.${i}`, `weak-${i}@strangers.test`, weak)).status);
    expect(refusals).toEqual([...Array<number>(60).fill(400), 429, 429]);
    const spellings = ['One@strangers.test', 'one@STRANGERS.test', 'oNe@strangers.test'];
    const one: Answer[] = [];
    for (let i = 0; i < 11; i += 1) one.push(await ask(`2001:db8:${i + 1}::1`, spellings[i % 3]!));
    expect(statuses(one)).toEqual([...Array<number>(10).fill(201), 429]);
    expectStatus(await ask('2001:db8:1:ffff::9', 'v6@strangers.test'), 201);
  });
});

describe('somebody who has asked for nothing', () => {
  it('is written to six times an hour, however many organisations want to, and only proved addresses invite', async () => {
    const victim = 'victim@elsewhere.test';
    const all = [await organisation('192.0.2.1'), await organisation('192.0.2.2'), await organisation('192.0.2.3')];
    const unproved = expectStatus(await all[0]!.owner.post('/invitations', { email: victim }), 403);
    expect(unproved.error).toMatchObject({
      code: 'address_not_verified',
      message: expect.stringContaining('/users/me/email/verification'),
    });
    for (const { owner, visitor } of all) {
      const token = await mailbox.tokenFor(owner.email, 1, 'Confirm');
      expectStatus(await visitor.post('/auth/email/verify', { token }), 204);
    }
    const answers: Answer[] = [];
    for (const { owner } of all)
      for (const email of [victim, 'Victim@Elsewhere.TEST']) answers.push(await owner.post('/invitations', { email }));
    for (const { owner } of all) {
      const [invitation] = (await owner.get('/invitations?state=open')).data as { id: string }[];
      for (let i = 0; i < 3; i += 1) answers.push(await owner.post(`/invitations/${invitation!.id}/resend`));
    }
    expect(statuses(answers).filter((status) => status === 429).length).toBeGreaterThan(3);
    // Made as a person of theirs, they are asked for a new password for, and to verify an address.
    for (const { owner, visitor } of all) {
      const person = { email: victim.toUpperCase(), firstName: 'V', lastName: 'V' };
      expectStatus(await owner.post('/users', person), 201);
      expectStatus(await visitor.post('/auth/password/forgot', { email: victim }), 204);
    }
    const last = `last@${all[2]!.slug}.test`;
    expectStatus(await all[2]!.owner.post('/invitations', { email: last }), 201);
    await mailbox.to(last);
    const written = mailbox.received.filter(({ to }) => to?.some(({ address }) => address?.toLowerCase() === victim));
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(6);
  });
});

describe('an organisation that signed up by itself', () => {
  const statusOf = async ({ id }: TestTenant) =>
    (await app.owner.query('SELECT status FROM public.tenants WHERE id = $1', [id])).rows[0].status;
  const tidy = (days: number) => app.nest.get(UnprovedTenants).tidy(new Date(Date.now() + days * DAY_MS));

  it('is deleted with grace after a week, and two days after a word, unless an owner proves an address', async () => {
    const [lost, proved, operated] = [
      await organisation('192.0.2.11'),
      await organisation('192.0.2.12'),
      await organisation('192.0.2.13'),
    ];
    await app.owner.query(`UPDATE public.tenants SET unproved_since = NULL WHERE id NOT IN ($1, $2)`, [
      lost.id,
      proved.id,
    ]);
    expect(await tidy(4.9)).toEqual([]);
    expect(mailsTo(lost.owner.email).filter(({ text }) => text!.includes('will be deleted'))).toEqual([]);
    expect(await tidy(5.1)).toEqual([]);
    const warning = await eventually(async () => {
      const found = mailsTo(proved.owner.email).find(({ text }) => text!.includes('will be deleted'));
      if (!found) throw new Error('no warning yet');
      return found;
    });
    const token = tokenIn(warning.text!);
    expectStatus(await proved.visitor.post('/auth/email/verify', { token }), 204);
    expect(await tidy(6.9)).toEqual([]);
    expect(await tidy(7.2)).toEqual([lost.slug]);
    expect([await statusOf(lost), await statusOf(proved), await statusOf(operated)]).toEqual([
      'deleted',
      'active',
      'active',
    ]);
    const { rows } = await app.owner.query('SELECT purge_after > now() AS grace FROM public.tenants WHERE id = $1', [
      lost.id,
    ]);
    expect(rows).toEqual([{ grace: true }]);
    expect(await tidy(90)).toEqual([]);
  });

  it('proves the address first where that is asked for, with a token that is good once and for that address', async () => {
    const strict = await startApp({ settings: { SMTP_URL: mailbox.url, SIGN_UP_PROOF: 'email' } });
    try {
      const email = 'Prove@newcomers.test';
      const signUpWith = (proof?: string, address = email) => ask('192.0.2.1', address, proof ? { proof } : {}, strict);
      expect(expectStatus(await signUpWith(), 403).error.code).toBe('sign_up_proof_required');
      expect((await strict.owner.query('SELECT 1 FROM public.tenants')).rows).toEqual([]);
      expectStatus(await new Client(strict.url).post('/tenants/proofs', { email }), 204);
      const proof = await mailbox.tokenFor(email, 1, 'Sign up');
      for (const answer of [await signUpWith(`${proof}x`), await signUpWith(proof, 'other@newcomers.test')])
        expect(expectStatus(answer, 400).error.details[0]).toMatchObject({ pointer: '/proof', code: 'sign_up_proof' });
      const { data } = expectStatus(await signUpWith(proof, email.toLowerCase()), 201);
      expect(data.user.emailVerified).toBe(true);
      expectStatus(await signUpWith(proof), 400);
      const { rows } = await strict.owner.query('SELECT unproved_since FROM public.tenants');
      expect(rows).toEqual([{ unproved_since: null }]);
    } finally {
      await strict.stop();
    }
  });
});
