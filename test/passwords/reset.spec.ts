import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { PASSWORD, signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';

const NEXT = 'quite another password';
const SUBJECT = 'new password';

let mailbox: Mailbox;
let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { SMTP_URL: mailbox.url, MAIL_FROM: 'Acme <hello@acme.test>' } });
  acme = await signUp(app);
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

const forget = (email: string) => acme.visitor.post('/auth/password/forgot', { email });
const reset = (token: string, password = NEXT, visitor = acme.visitor) =>
  visitor.post('/auth/password/reset', { token, password });
const login = (email: string, password: string) => acme.visitor.post('/auth/login', { email, password });

const hasEnded = (person: Person) =>
  eventually(async () => {
    expectStatus(await person.get('/users/me'), 401);
    expectStatus(await acme.visitor.post('/auth/refresh', { refreshToken: person.refreshToken }), 401);
  });

describe('a forgotten password', () => {
  it('is replaced by the link of a mail, once, and every session of the person ends', async () => {
    const person = await acme.join('Mia', 'member');
    const elsewhere = await signIn(acme.visitor, person.email);
    expectStatus(await forget(person.email.toUpperCase()), 204);
    const mail = await mailbox.to(person.email, 1, SUBJECT);
    expect(mail).toMatchObject({ subject: expect.stringContaining('password'), from: { address: 'hello@acme.test' } });
    expect(mail.text).toContain(`/reset-password?tenant=${acme.slug}#token=pft_`);
    const token = await mailbox.tokenFor(person.email, 1, SUBJECT);
    // A password that is refused leaves the link good.
    expect(expectStatus(await reset(token, 'too short'), 400).error.details[0]).toMatchObject({ pointer: '/password' });
    expectStatus(await reset(token), 204);
    expectStatus(await login(person.email, NEXT), 200);
    expectStatus(await login(person.email, PASSWORD), 401);
    await hasEnded(person);
    await hasEnded(elsewhere);
    expect(expectStatus(await reset(token, 'and one more password'), 400).error.code).toBe('invalid_token');
  });

  it('needs no tenant header, and the header of another tenant does not fit', async () => {
    const person = await acme.join('Nia', 'member');
    const other = await signUp(app);
    await forget(person.email);
    const token = await mailbox.tokenFor(person.email, 1, SUBJECT);
    expect(expectStatus(await reset(token, NEXT, other.visitor), 403).error.code).toBe('tenant_mismatch');
    const { 'x-tenant-domain': _, ...headers } = acme.visitor.headers;
    expectStatus(await fetchReset(app.url, headers, token), 204);
  });

  it('is good for the newest mail only, for ten minutes, and for one of two who come at once', async () => {
    const person = await acme.join('Ole', 'member');
    await forget(person.email);
    const first = await mailbox.tokenFor(person.email, 1, SUBJECT);
    await forget(person.email);
    const second = await mailbox.tokenFor(person.email, 2, SUBJECT);
    expectStatus(await reset(first), 400);
    const answers = await Promise.all([reset(second), reset(second)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400]);
    await forget(person.email);
    const third = await mailbox.tokenFor(person.email, 3, SUBJECT);
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
    const late = await app.owner.query(
      `UPDATE "${rows[0].schema_name}".tokens SET expires_at = expires_at - interval '10 minutes' WHERE purpose = 'password-reset'
        RETURNING expires_at < now() + interval '1 s' AS late`,
    );
    expect(late.rows).toEqual([{ late: true }]);
    await eventually(async () => expectStatus(await reset(third), 400));
  });

  it('is answered alike for an address that nobody has and for somebody who is off, and no mail is sent', async () => {
    const off = await acme.join('Otto', 'member');
    expectStatus(await acme.owner.patch(`/users/${off.id}`, { active: false }), 200);
    const known = await acme.join('Pia', 'member');
    const seen = async (email: string) => {
      const { status, headers, body } = await forget(email);
      return [status, body, [...headers.keys()].sort()];
    };
    const answers = [await seen(known.email), await seen(`nobody@${acme.slug}.test`), await seen(off.email)];
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    const last = await acme.join('Quin', 'member');
    await forget(last.email);
    await mailbox.to(last.email, 1, SUBJECT);
    const recipients = mailbox.received
      .filter((mail) => mail.subject!.includes(SUBJECT))
      .flatMap((mail) => mail.to!.map((to) => to.address));
    expect(recipients).toContain(known.email);
    expect(recipients).not.toContain(off.email);
    expect(recipients).not.toContain(`nobody@${acme.slug}.test`);
  });

  it('opens a password that was disabled', async () => {
    const person = await acme.join('Rob', 'member');
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
    await app.owner.query(
      `UPDATE "${rows[0].schema_name}".credentials SET disabled_at = now() WHERE user_id = $1 AND type = 'password'`,
      [person.id],
    );
    expectStatus(await login(person.email, PASSWORD), 401);
    await forget(person.email);
    expectStatus(await reset(await mailbox.tokenFor(person.email, 1, SUBJECT)), 204);
    expectStatus(await login(person.email, NEXT), 200);
  });

  it('leaves neither address nor token readable in the database', async () => {
    const person = await acme.join('Sue', 'member');
    await forget(person.email);
    const token = await mailbox.tokenFor(person.email, 1, SUBJECT);
    const { rows } = await app.owner.query(
      `SELECT jsonb_agg(j)::text AS jobs FROM jobs.job j WHERE name = 'send-mail'`,
    );
    expect(rows[0].jobs).not.toContain(token);
    expect(rows[0].jobs).not.toContain(person.email);
    const outbox = await app.owner.query(
      `SELECT count(*)::int AS found FROM platform.outbox WHERE payload::text LIKE '%' || $1 || '%'`,
      [person.email],
    );
    expect(outbox.rows[0].found).toBe(0);
  });
});

describe("changing one's own password", () => {
  const change = (person: Person, currentPassword: string, newPassword = NEXT) =>
    person.post('/auth/password/change', { currentPassword, newPassword });

  it('takes the current one, keeps this session and ends the others', async () => {
    const person = await acme.join('Tom', 'member');
    const elsewhere = await signIn(acme.visitor, person.email);
    expect(expectStatus(await change(person, 'not my password'), 400).error.details[0]).toMatchObject({
      pointer: '/currentPassword',
      code: 'wrong_password',
    });
    expect(expectStatus(await change(person, PASSWORD, 'short'), 400).error.details[0]).toMatchObject({
      pointer: '/newPassword',
      code: 'too_short',
    });
    expectStatus(await change(person, PASSWORD), 204);
    await hasEnded(elsewhere);
    expectStatus(await person.get('/users/me'), 200);
    await signIn(acme.visitor, person.email, NEXT);
  });

  it('does not let somebody who found an open window guess', async () => {
    const person = await acme.join('Una', 'member');
    const answers = await Promise.all(Array.from({ length: 12 }, () => change(person, 'a guess of many words')));
    expect(answers.filter(({ status }) => status === 400).length).toBeLessThanOrEqual(6);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(6);
  });
});

describe('mails', () => {
  it('are caught where that is set, and read on this machine alone', async () => {
    const catching = await startApp({ settings: { MAIL_CATCH: 'true', TRUST_PROXY: '1' } });
    try {
      const tenant = await signUp(catching);
      expectStatus(await tenant.visitor.post('/auth/password/forgot', { email: tenant.owner.email }), 204);
      const page = await eventually(async () => {
        const answer = await fetch(`${catching.url}/dev/mails`);
        const text = await answer.text();
        expect([answer.status, text]).toEqual([200, expect.stringContaining('/reset-password?tenant=')]);
        return text;
      });
      expect(page).toContain('<a href="http://localhost:3000/reset-password?tenant=');
      const json: any = await (
        await fetch(`${catching.url}/dev/mails`, { headers: { accept: 'application/json' } })
      ).json();
      expect(json.data.map((mail: any) => [mail.to, mail.subject])).toContainEqual([
        tenant.owner.email,
        expect.stringContaining(SUBJECT),
      ]);
      const away = await fetch(`${catching.url}/dev/mails`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
      expect([away.status, await away.text()]).toEqual([404, expect.not.stringContaining('pft_')]);
    } finally {
      await catching.stop();
    }
  });

  it('are not shown where they are sent', async () => {
    const answer = await fetch(`${app.url}/dev/mails`);
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('route_not_found')]);
  });
});

function fetchReset(url: string, headers: Record<string, string>, token: string): Promise<any> {
  return fetch(`${url}/api/v1/auth/password/reset`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ token, password: NEXT }),
  });
}
