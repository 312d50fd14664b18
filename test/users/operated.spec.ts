import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { startMailbox, tokenIn, type Mailbox } from '../support/mailbox.ts';
import { codeOf, enrolOperator } from '../support/operator.ts';
import { projectflow as run } from '../support/projectflow.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let mailbox: Mailbox;
let acme: TestTenant;
let mia: Person;
let schema: string;
beforeAll(async () => {
  mailbox = await startMailbox();
  app = await startApp({ settings: { SMTP_URL: mailbox.url } });
  acme = await signUp(app, 'acme');
  mia = await acme.join('Mia', 'manager');
  const { rows } = await app.owner.query('SELECT schema_name AS name FROM public.tenants WHERE id = $1', [acme.id]);
  schema = rows[0].name;
});
afterAll(async () => {
  await app.stop();
  await mailbox.stop();
});

const projectflow = (...args: string[]) => run(app, ['--json', 'user', ...args], { SMTP_URL: mailbox.url });
const NEXT = 'four words are enough';

/** As a hundred failures leave it, of which the last ones would take a quarter of an hour each. */
async function lockOut({ id }: Person): Promise<void> {
  await app.owner.query(
    `UPDATE "${schema}".credentials SET disabled_at = now() WHERE user_id = $1 AND type = 'password'`,
    [id],
  );
}

const refusalOf = async ({ email }: Person) =>
  (await acme.visitor.post('/auth/login', { email, password: 'a rather long password' })).error?.code;

async function audited(action: string): Promise<any[]> {
  return expectStatus(await acme.owner.get(`/tenants/current/audit-log?action=${action}`), 200).data;
}

describe('projectflow user', () => {
  it('lists who they are and how they sign in', async () => {
    const tom = await acme.join('Tom', 'member');
    expectStatus(await acme.owner.patch(`/users/${tom.id}`, { active: false }), 200);
    const { secret } = expectStatus(await mia.post('/auth/mfa/totp'), 200).data;
    expectStatus(await mia.post('/auth/mfa/totp/confirm', { code: codeOf(secret) }), 200);
    await lockOut(mia);
    const { code, json, stdout } = await projectflow('list', 'acme');
    expect(code).toBe(0);
    const of = (email: string) => json.find((account: any) => account.email === email);
    expect(of(mia.email)).toMatchObject({ roles: ['manager'], active: true, secondFactor: true, locked: true });
    expect(of(tom.email)).toMatchObject({ roles: ['member'], active: false, secondFactor: false, locked: false });
    expect(of(acme.owner.email)).toMatchObject({ roles: ['owner'], active: true, secondFactor: false, locked: false });
    expect(stdout).not.toMatch(/argon2|"hash"|v1\./);
    const forPeople = await run(app, ['user', 'list', 'acme']);
    expect(forPeople.stdout).toMatch(/^E-MAIL +ROLES +ACTIVE +SECOND FACTOR +LOCKED\n/);
  });

  it('unlocks somebody whose attempts failed too often, and the organisation can read that', async () => {
    const una = await acme.join('Una', 'member');
    await lockOut(una);
    expect(await refusalOf(una)).toBe('wrong_credentials');
    expect(await projectflow('unlock', 'acme', una.email.toUpperCase())).toMatchObject({ code: 0, stderr: '' });
    await signIn(acme.visitor, una.email);
    expect(await audited('password.unlocked')).toMatchObject([
      { actorKind: 'operator', actorId: null, targetId: una.id },
    ]);
  });

  it('mails the link with which somebody chooses a new password', async () => {
    const rita = await acme.join('Rita', 'member');
    expect(await projectflow('reset-password', 'acme', rita.email)).toMatchObject({ code: 0, json: { mailed: true } });
    const token = await mailbox.tokenFor(rita.email);
    expectStatus(await acme.visitor.post('/auth/password/reset', { token, password: NEXT }), 204);
    await signIn(acme.visitor, rita.email, NEXT);
  });

  it('prints that link where no mail arrives, good once', async () => {
    const olga = await acme.join('Olga', 'member');
    await lockOut(olga);
    const printed = await run(app, ['--json', 'user', 'reset-password', 'acme', olga.email, '--print']);
    const body = { token: tokenIn(printed.json.link), password: NEXT };
    expectStatus(await acme.visitor.post('/auth/password/reset', body), 204);
    expect((await acme.visitor.post('/auth/password/reset', body)).error?.code).toBe('invalid_token');
    await signIn(acme.visitor, olga.email, NEXT);
    const issued = await audited('password_reset.issued');
    expect(issued[0]).toMatchObject({ actorKind: 'operator', targetId: olga.id, details: { by: 'hand' } });
    expect(JSON.stringify(issued)).not.toContain(body.token);
  });

  it('says that it has no way to mail, and that there is no such person or organisation', async () => {
    const withoutMail = await run(app, ['user', 'reset-password', 'acme', mia.email]);
    expect(withoutMail).toMatchObject({ code: 1, stdout: '' });
    expect(withoutMail.stderr).toMatch(/SMTP_URL[^]*--print/);
    for (const args of [
      ['unlock', 'acme', 'nobody@acme.test'],
      ['reset-password', 'acme', 'nobody@acme.test'],
      ['reset-password', 'acme', 'nobody@acme.test', '--print'],
    ])
      expect(await projectflow(...args)).toMatchObject({ code: 1, json: { error: { code: 'user_not_found' } } });
    expect(await projectflow('list', 'nowhere')).toMatchObject({
      code: 1,
      json: { error: { code: 'tenant_not_found' } },
    });
  });
});

describe('an operator', () => {
  it('unlocks somebody over HTTP, on record here and in the organisation', async () => {
    const [operator, ben] = [await enrolOperator(app), await acme.join('Ben', 'member')];
    await lockOut(ben);
    const lockout = (id: string) => `/platform/tenants/${acme.id}/users/${id}/lockout`;
    expectStatus(await acme.owner.delete(lockout(ben.id)), 401);
    expect(await refusalOf(ben)).toBe('wrong_credentials');
    expectStatus(await operator.delete(lockout(ben.id)), 204);
    await signIn(acme.visitor, ben.email);
    expect((await operator.delete(lockout(newId()))).error?.code).toBe('user_not_found');
    const globex = await signUp(app, 'globex');
    const elsewhere = `/platform/tenants/${globex.id}/users/${ben.id}/lockout`;
    expect((await operator.delete(elsewhere)).error?.code).toBe('user_not_found');
    expect((await audited('password.unlocked'))[0]).toMatchObject({
      ...{ actorKind: 'operator', actorId: operator.id, targetId: ben.id },
    });
    const { data } = expectStatus(await operator.get('/platform/events?action=user.unlock'), 200);
    const own = data.filter((event: any) => event.operatorId === operator.id);
    expect(own.at(-1)).toMatchObject({ outcome: 'done', targetId: acme.id });
  });
});
