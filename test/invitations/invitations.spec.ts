import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { sqlOf } from '../support/sql.ts';
import { PASSWORD, proveAddresses, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let mailbox: Mailbox;
let app: TestApp;
let acme: TestTenant;
let count = 0;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { SMTP_URL: mailbox.url } });
  acme = await signUp(app);
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

const newAddress = () => `guest-${(count += 1)}@elsewhere.test`;
async function invite(person: Person, email: string, roles?: string[]): Promise<Answer> {
  await proveAddresses(app, acme);
  return person.post('/invitations', { email, roles });
}
const accept = (token: string, changes = {}, visitor = acme.visitor) =>
  visitor.post('/invitations/accept', { token, firstName: 'Ida', lastName: 'New', password: PASSWORD, ...changes });

async function waiting(): Promise<number> {
  const sql = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
  return (await app.owner.query<{ count: number }>(sql, [app.database.name])).rows[0]!.count;
}

describe('an invitation', () => {
  it('is mailed, shown, and accepted by somebody who is then signed in with their roles', async () => {
    const email = newAddress();
    const { data } = expectStatus(await invite(acme.owner, email, ['manager']), 201);
    expect(data).toMatchObject({ email, roles: ['manager'], state: 'open', invitedBy: acme.owner.id, version: 1 });
    const mail = await mailbox.to(email);
    expect(mail.subject).toBe(`Olivia Owner invites you to Tenant ${acme.slug}`);
    const token = await mailbox.tokenFor(email);
    expect(expectStatus(await acme.visitor.post('/invitations/preview', { token }), 200).data).toEqual({
      organisation: `Tenant ${acme.slug}`,
      email,
      roles: ['manager'],
    });
    expect(expectStatus(await accept(token, { password: 'too short' }), 400).error.details[0]!.pointer).toBe(
      '/password',
    );
    const signedIn = expectStatus(await accept(token), 200).data;
    expect(signedIn.user).toMatchObject({ email, firstName: 'Ida', roles: ['manager'], emailVerified: true });
    expectStatus(await acme.visitor.as(signedIn.accessToken).get('/users/me'), 200);
    expectStatus(await accept(token), 400);
    expect((await acme.owner.get(`/invitations/${data.id}`)).data).toMatchObject({ state: 'accepted' });
    expect((await acme.owner.get('/invitations?state=accepted')).data.map((each: any) => each.id)).toContain(data.id);
  });

  it('makes one person of two who accept at once', async () => {
    const email = newAddress();
    await invite(acme.owner, email);
    const token = await mailbox.tokenFor(email);
    const answers = await Promise.all([accept(token), accept(token), accept(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it('ends when it is revoked, sent again or too old', async () => {
    const revoked = newAddress();
    const { id } = expectStatus(await invite(acme.owner, revoked), 201).data;
    const token = await mailbox.tokenFor(revoked);
    expectStatus(await acme.owner.delete(`/invitations/${id}`), 204);
    expectStatus(await accept(token), 400);
    expect(expectStatus(await acme.owner.post(`/invitations/${id}/resend`), 409).error.code).toBe('invitation_over');

    const again = newAddress();
    const second = expectStatus(await invite(acme.owner, again), 201).data;
    const first = await mailbox.tokenFor(again);
    expect(expectStatus(await invite(acme.owner, again.toUpperCase()), 409).error.code).toBe('invitation_exists');
    expectStatus(await acme.owner.post(`/invitations/${second.id}/resend`), 200);
    const newest = await mailbox.tokenFor(again, 2);
    expectStatus(await accept(first), 400);
    const sql = await sqlOf(app, acme);
    await sql(`UPDATE "@tenant".invitations SET expires_at = now() - interval '1 s' WHERE id = $1`, second.id);
    expectStatus(await accept(newest), 400);
    expect((await acme.owner.get(`/invitations/${second.id}`)).data.state).toBe('expired');
    // What nobody answered in time stands in nobody's way.
    expectStatus(await invite(acme.owner, again), 201);
  });

  it('that is revoked while somebody accepts it makes nobody', async () => {
    const email = newAddress();
    const { id } = expectStatus(await invite(acme.owner, email), 201).data;
    const token = await mailbox.tokenFor(email);
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
    const holder = await app.owner.connect();
    try {
      await holder.query(`BEGIN; LOCK TABLE "${rows[0].schema_name}".tokens IN SHARE MODE`);
      const acceptance = accept(token);
      await eventually(async () => expect(await waiting()).toBe(1));
      expectStatus(await acme.owner.delete(`/invitations/${id}`), 204);
      await holder.query('COMMIT');
      expect(expectStatus(await acceptance, 400).error.code).toBe('invalid_token');
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect((await acme.owner.get(`/users?email=${email}`)).data).toEqual([]);
    expect((await acme.owner.get(`/invitations/${id}`)).data.state).toBe('revoked');
  });

  it('gives nobody more than the inviter has, and is theirs alone who may invite', async () => {
    const admin = await acme.join('Alex', 'admin');
    const member = await acme.join('Mia', 'member');
    expectStatus(await invite(member, newAddress()), 403);
    expect(expectStatus(await invite(admin, newAddress(), ['owner']), 403).error.code).toBe('user_out_of_reach');
    expect(expectStatus(await invite(admin, newAddress(), ['nonsense']), 400).error.details[0]!.pointer).toBe(
      '/roles/0',
    );
    const { id } = expectStatus(await invite(acme.owner, newAddress(), ['owner']), 201).data;
    expectStatus(await admin.post(`/invitations/${id}/resend`), 403);
    expect(expectStatus(await invite(admin, member.email), 409).error.code).toBe('email_taken');
  });

  it('of one organisation opens no other', async () => {
    const other = await signUp(app);
    const email = newAddress();
    const { id } = expectStatus(await invite(acme.owner, email), 201).data;
    const token = await mailbox.tokenFor(email);
    expect(expectStatus(await accept(token, {}, other.visitor), 403).error.code).toBe('tenant_mismatch');
    for (const answer of [await other.owner.get(`/invitations/${id}`), await other.owner.delete(`/invitations/${id}`)])
      expect(expectStatus(answer, 404).error.code).toBe('invitation_not_found');
    expectStatus(await accept(token), 200);
  });

  it('counts against the plan when it is accepted', async () => {
    const limited = await startApp({ settings: { SMTP_URL: mailbox.url }, limits: true });
    try {
      const small = await signUp(limited);
      await proveAddresses(limited, small);
      const email = newAddress();
      expectStatus(await invite(small.owner, email), 201);
      const token = await mailbox.tokenFor(email);
      const { rows } = await limited.owner.query(
        `SELECT (limits->>'users')::int AS most FROM public.plans WHERE key = 'free'`,
      );
      for (let i = 1; i < rows[0].most; i++) await small.join(`P${i}`, 'member');
      expect(expectStatus(await accept(token, {}, small.visitor), 403).error.code).toBe('plan_limit_reached');
      // Nothing was used up.
      expectStatus(await small.visitor.post('/invitations/preview', { token }), 200);
    } finally {
      await limited.stop();
    }
  });
});
