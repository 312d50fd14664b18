import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf, OPERATOR_PASSWORD } from '../support/operator.ts';
import { projectflow as run } from '../support/projectflow.ts';

let app: TestApp;
let nobody: Client;
beforeAll(async () => {
  app = await startApp();
  nobody = new Client(app.url);
});
afterAll(() => app.stop());

const projectflow = (...args: string[]) => run(app, ['--json', 'operator', ...args]);
const EMAIL = 'opal@operators.test';

async function enrol(token: string): Promise<{ client: Client; secret: string }> {
  const body = { token, password: OPERATOR_PASSWORD };
  const { data } = expectStatus(await nobody.post('/platform/auth/enrol', body), 200);
  const confirmation = { token, code: codeOf(data.secret) };
  const signedIn = expectStatus(await nobody.post('/platform/auth/enrol/confirm', confirmation), 200).data;
  return { client: nobody.as(signedIn.accessToken), secret: data.secret };
}

describe('projectflow operator', () => {
  let client: Client;

  it('makes an account and prints with what its owner enrols, and what to do with it', async () => {
    const made = await projectflow('create', 'Opal@Operators.test', '--name', 'Opal');
    expect(made).toMatchObject({ code: 0, stderr: '', json: { email: EMAIL } });
    const minutes = (Date.parse(made.json.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(50);
    expect(minutes).toBeLessThanOrEqual(60);
    ({ client } = await enrol(made.json.token));
    expectStatus(await client.get('/platform/auth/me'), 200);
    const forPeople = await run(app, ['operator', 'create', 'pia@operators.test', '--name', 'Pia']);
    expect(forPeople.stdout).toMatch(/pfo_\S{43}\n[^]*POST \/api\/v1\/platform\/auth\/enrol/);
  });

  it('refuses a second account with the address, and what is no address', async () => {
    expect(await projectflow('create', EMAIL, '--name', 'Opal')).toMatchObject({
      code: 1,
      json: { error: { code: 'operator_taken' } },
    });
    expect(await projectflow('create', 'nobody', '--name', 'N')).toMatchObject({ code: 1 });
    expect(await projectflow('disable', 'nobody@operators.test')).toMatchObject({
      code: 1,
      json: { error: { code: 'operator_not_found' } },
    });
  });

  it('lists accounts without a secret', async () => {
    const { json, stdout } = await projectflow('list');
    expect(json).toMatchObject([
      { email: EMAIL, state: 'active', name: 'Opal' },
      { email: 'pia@operators.test', state: 'not enrolled', lastLoginAt: null },
    ]);
    expect(stdout).not.toMatch(/argon2|v1\./);
  });

  it('disables and enables an account: its session ends within a second', async () => {
    expect(await projectflow('disable', EMAIL)).toMatchObject({ code: 0, json: { active: false } });
    await eventually(async () => expectStatus(await client.get('/platform/auth/me'), 401));
    expect((await projectflow('list')).json[0].state).toBe('disabled');
    expect(await projectflow('enable', EMAIL)).toMatchObject({ code: 0, json: { active: true } });
  });

  it('has somebody enrol anew who lost the second factor', async () => {
    const { json } = await projectflow('reset', EMAIL);
    expect((await projectflow('list')).json[0].state).toBe('not enrolled');
    const again = await enrol(json.token);
    expectStatus(await again.client.get('/platform/auth/me'), 200);
    const { data } = expectStatus(
      await again.client.get('/platform/events?targetId=opal@operators.test&outcome=done'),
      200,
    );
    expect(data.map((event: any) => event.action)).toEqual([
      'operator.enrolled',
      'operator.reset',
      'operator.enabled',
      'operator.disabled',
      'operator.enrolled',
      'operator.created',
    ]);
    expect(data[1]).toMatchObject({ operatorId: null, details: { command: 'operator reset' } });
  });

  it('enrols at once with a password on standard input, and prints the second factor', async () => {
    const create = (password: string) =>
      run(
        app,
        ['--json', 'operator', 'create', 'rob@operators.test', '--name', 'Rob', '--password-stdin'],
        {},
        password,
      );
    expect(await create('short\n')).toMatchObject({ code: 1, json: { error: { details: [{ code: 'too_short' }] } } });
    const { json } = await create(`${OPERATOR_PASSWORD}\n`);
    expect(json.uri).toMatch(/^otpauth:/);
    const body = { email: 'rob@operators.test', password: OPERATOR_PASSWORD, code: codeOf(json.secret) };
    expectStatus(await nobody.post('/platform/auth/login', body), 200);
  });
});
