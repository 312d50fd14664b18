import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { enrolOperator } from '../support/operator.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

/** What is taken from somebody at one instance is taken from them at the other: copies live no longer than a second. */

let mailbox: Mailbox;
let here: TestApp;
let there: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  mailbox = await startMailbox();
  const settings = { SMTP_URL: mailbox.url };
  here = await startApp({ settings });
  there = await startApp({ settings, database: here.database });
  acme = await signUp(here);
});
afterAll(async () => {
  await there.stop();
  await here.stop();
  await mailbox.stop();
});

/** The same person at the other instance, which has just looked them up. */
async function elsewhere(person: Person): Promise<Client> {
  const client = new Client(there.url).as(person.accessToken);
  expectStatus(await client.get('/users/me'), 200);
  return client;
}

/** Asked over and over, so that the instance has a copy at every moment. */
const isTold = (client: Client, path: string, status: number, code: string) =>
  eventually(async () => expect(expectStatus(await client.get(path), status).error.code).toBe(code));

describe('another instance sees soon', () => {
  it('that somebody has another role', async () => {
    const mike = await acme.join('Mike', 'member');
    const client = await elsewhere(mike);
    expectStatus(await client.get('/users'), 200);
    expectStatus(await acme.owner.put(`/users/${mike.id}/roles`, { roles: ['guest'] }), 200);
    await isTold(client, '/users', 403, 'permission_denied');
    expectStatus(await acme.owner.put(`/users/${mike.id}/roles`, { roles: ['admin'] }), 200);
    await eventually(async () => expectStatus(await client.get('/invitations'), 200));
  });

  it('that somebody was deactivated', async () => {
    const dana = await acme.join('Dana', 'member');
    const client = await elsewhere(dana);
    expectStatus(await acme.owner.patch(`/users/${dana.id}`, { active: false }), 200);
    await isTold(client, '/users/me', 401, 'unauthenticated');
    expectStatus(await new Client(there.url).post('/auth/refresh', { refreshToken: dana.refreshToken }), 401);
  });

  it('that a session was ended by its person, or by an administrator', async () => {
    const sam = await acme.join('Sam', 'member');
    const client = await elsewhere(sam);
    const [session] = expectStatus(await sam.get('/auth/sessions'), 200).data;
    expectStatus(await sam.delete(`/auth/sessions/${session.id}`), 204);
    await isTold(client, '/users/me', 401, 'unauthenticated');

    const tom = await acme.join('Tom', 'member');
    const other = await elsewhere(tom);
    expectStatus(await acme.owner.delete(`/users/${tom.id}/sessions`), 204);
    await isTold(other, '/users/me', 401, 'unauthenticated');
  });

  it('that a password was reset', async () => {
    const pia = await acme.join('Pia', 'member');
    const client = await elsewhere(pia);
    expectStatus(await acme.visitor.post('/auth/password/forgot', { email: pia.email }), 204);
    const token = await mailbox.tokenFor(pia.email, 1, 'new password');
    expectStatus(await acme.visitor.post('/auth/password/reset', { token, password: 'quite another password' }), 204);
    await isTold(client, '/users/me', 401, 'unauthenticated');
  });

  it('that a second factor is demanded', async () => {
    const globex = await signUp(here);
    const client = await elsewhere(await globex.join('Fay', 'member'));
    expectStatus(await globex.owner.patch('/tenants/current/security', { secondFactor: 'required' }), 200);
    await isTold(client, '/projects', 403, 'second_factor_required');
  });

  it('that an API key was revoked', async () => {
    const { key, id } = expectStatus(
      await acme.owner.post('/auth/api-keys', { name: 'Build', scopes: ['project.read'] }),
      201,
    ).data;
    const client = new Client(there.url).with({ 'x-api-key': key });
    expectStatus(await client.get('/projects'), 200);
    expectStatus(await acme.owner.delete(`/auth/api-keys/${id}`), 204);
    await isTold(client, '/projects', 401, 'unauthenticated');
  });

  it('that an organisation was suspended, and that it may go on', async () => {
    const globex = await signUp(here);
    const client = await elsewhere(globex.owner);
    const operator = await enrolOperator(here);
    const path = `/platform/tenants/${globex.id}/suspension`;
    expectStatus(await operator.put(path), 200);
    await isTold(client, '/users/me', 403, 'tenant_suspended');
    expectStatus(await operator.delete(path), 200);
    await eventually(async () => expectStatus(await client.get('/users/me'), 200));
  });
});
