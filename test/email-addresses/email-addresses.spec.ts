import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startMailbox, tokenIn, type Mailbox } from '../support/mailbox.ts';
import { sqlOf } from '../support/sql.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let mailbox: Mailbox;
let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { SMTP_URL: mailbox.url } });
  acme = await signUp(app);
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

const confirm = (token: string, visitor = acme.visitor) => visitor.post('/auth/email/confirm', { token });

async function linkTo(address: string, part: string): Promise<string> {
  return eventually(async () => {
    const mail = mailbox.received.findLast(
      ({ to, text }) => to?.some((each) => each.address === address) && text!.includes(part),
    );
    if (!mail) throw new Error(`no mail to ${address} with ${part}`);
    return tokenIn(mail.text!);
  });
}

describe('an address', () => {
  it('is verified by a mail that everybody gets who was made by somebody else', async () => {
    const person = await acme.join('Mia', 'member');
    expect((await person.get('/users/me')).data.emailVerified).toBe(false);
    const token = await linkTo(person.email, '/verify-email');
    expectStatus(await acme.visitor.post('/auth/email/verify', { token }), 204);
    expect((await person.get('/users/me')).data.emailVerified).toBe(true);
    expectStatus(await acme.visitor.post('/auth/email/verify', { token }), 400);
  });

  it('is asked for again on demand, and the link says nothing of another address', async () => {
    const person = await acme.join('Nia', 'member');
    const first = await linkTo(person.email, '/verify-email');
    expectStatus(await person.post('/users/me/email/verification'), 204);
    const second = await eventually(async () => {
      const token = await linkTo(person.email, '/verify-email');
      if (token === first) throw new Error('still the first');
      return token;
    });
    expectStatus(await acme.visitor.post('/auth/email/verify', { token: first }), 400);
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { email: `changed-${person.email}` }), 200);
    expectStatus(await acme.visitor.post('/auth/email/verify', { token: second }), 400);
    expect((await person.get('/users/me')).data.emailVerified).toBe(false);
  });

  it('becomes another one once both have confirmed it, in either order, and the old one is told', async () => {
    for (const order of [
      ['old', 'new'],
      ['new', 'old'],
    ] as const) {
      const person = await acme.join('Ole', 'member');
      const next = `next.${person.email}`;
      expectStatus(await person.post('/users/me/email', { email: next }), 202);
      const tokens = { old: await linkTo(person.email, '/confirm-email'), new: await linkTo(next, '/confirm-email') };
      expect(expectStatus(await confirm(tokens[order[0]]), 200).data).toEqual({
        email: next,
        oldConfirmed: order[0] === 'old',
        newConfirmed: order[0] === 'new',
      });
      expect((await person.get('/users/me')).data.email).toBe(person.email);
      expectStatus(await confirm(tokens[order[1]]), 200);
      expect((await person.get('/users/me')).data).toMatchObject({ email: next, emailVerified: true });
      await signIn(acme.visitor, next);
      expectStatus(await acme.visitor.post('/auth/login', { email: person.email, password: PASSWORD }), 401);
      await eventually(async () => expect((await mailbox.to(person.email)).subject).toMatch(/has changed/));
    }
  });

  it('stays while one side is silent, and when the person thinks better of it', async () => {
    const person = await acme.join('Pia', 'member');
    const next = `next.${person.email}`;
    expectStatus(await person.post('/users/me/email', { email: next }), 202);
    const token = await linkTo(next, '/confirm-email');
    expectStatus(await confirm(token), 200);
    expectStatus(await confirm(token), 400);
    expectStatus(await person.delete('/users/me/email'), 204);
    expectStatus(await person.delete('/users/me/email'), 404);
    expectStatus(await confirm(await linkTo(person.email, '/confirm-email')), 400);
    expect((await person.get('/users/me')).data.email).toBe(person.email);
  });

  it('is changed to the one that was asked for last, also by many at once, and to no other one', async () => {
    const person = await acme.join('Pan', 'member');
    const wanted = Array.from({ length: 4 }, (_, index) => `next${index}.${person.email}`);
    const asked = await Promise.all(wanted.map((email) => person.post('/users/me/email', { email })));
    for (const answer of asked) expectStatus(answer, 202);
    const sql = await sqlOf(app, acme);
    const pending = `SELECT data->>'email' AS email FROM "@tenant".tokens WHERE user_id = $1 AND purpose = 'pending-email-change'`;
    const rows = await sql(pending, person.id);
    expect(rows).toHaveLength(1);
    expect(wanted).toContain(rows[0].email);
    expectStatus(await person.delete('/users/me/email'), 204);
    expect(await sql(pending, person.id)).toEqual([]);
  });

  it('of somebody else is taken', async () => {
    const person = await acme.join('Quin', 'member');
    expect(
      expectStatus(await person.post('/users/me/email', { email: acme.owner.email.toUpperCase() }), 409).error.code,
    ).toBe('email_taken');
  });

  it('is changed only by somebody who has just shown who they are', async () => {
    const person = await acme.join('Rob', 'member');
    const sql = await sqlOf(app, acme);
    await sql(
      `UPDATE "@tenant".sessions SET authenticated_at = now() - interval '6 minutes' WHERE user_id = $1`,
      person.id,
    );
    const answer = await eventually(async () =>
      expectStatus(await person.post('/users/me/email', { email: `x.${person.email}` }), 403),
    );
    expect(answer.error.code).toBe('fresh_sign_in_required');
  });

  it('is confirmed in its own organisation alone', async () => {
    const other = await signUp(app);
    const person = await acme.join('Sue', 'member');
    expectStatus(await person.post('/users/me/email', { email: `next.${person.email}` }), 202);
    const token = await linkTo(person.email, '/confirm-email');
    expect(expectStatus(await confirm(token, other.visitor), 403).error.code).toBe('tenant_mismatch');
  });
});
