import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { PasswordHasher } from '../../src/platform/crypto/password-hasher.ts';
import { OperatorsService } from '../../src/operators/operators.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf, enrolOperator, OPERATOR_PASSWORD } from '../support/operator.ts';

let app: TestApp;
let nobody: Client;
beforeAll(async () => {
  app = await startApp();
  nobody = new Client(app.url);
});
afterAll(() => app.stop());

const login = (email: string, code: string, password = OPERATOR_PASSWORD) =>
  nobody.post('/platform/auth/login', { email, password, code });
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

/** What somebody who guesses gets to see, apart from what differs between any two answers. */
function seen({ status, headers, body }: Answer): string {
  const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return JSON.stringify([status, kept, { ...body, requestId: '' }]);
}

async function eventsOf(action: string, target: string): Promise<any[]> {
  const { rows } = await app.owner.query(
    'SELECT * FROM public.operator_events WHERE action = $1 AND target_id = $2 ORDER BY at',
    [action, target],
  );
  return rows;
}

describe('enrolling', () => {
  it('takes a password and a second factor, and nobody is in before a code confirms both', async () => {
    const email = 'nora@operators.test';
    const { token } = await app.nest.get(OperatorsService).create(email, 'Nora');
    const { data } = expectStatus(
      await nobody.post('/platform/auth/enrol', { token, password: OPERATOR_PASSWORD }),
      200,
    );
    expect(data.uri).toContain(`secret=${data.secret}`);
    expect(data.qrCode).toMatch(/^<svg/);
    expectStatus(await login(email, codeOf(data.secret)), 401);
    const confirm = (code: string) => nobody.post('/platform/auth/enrol/confirm', { token, code });
    expect(await confirm(wrong(codeOf(data.secret)))).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '/code', code: 'enrolment_code' }] },
    });
    const { data: signedIn } = expectStatus(await confirm(codeOf(data.secret)), 200);
    expect(signedIn.operator).toMatchObject({ email, name: 'Nora' });
    expectStatus(await nobody.as(signedIn.accessToken).get('/platform/auth/me'), 200);
    expect(await confirm(codeOf(data.secret, 1))).toMatchObject({ status: 401, error: { code: 'enrolment_refused' } });
    expect(await eventsOf('operator.enrolled', email)).toHaveLength(1);
  });

  it('refuses short and common passwords, and tokens that are unknown or over', async () => {
    const { token } = await app.nest.get(OperatorsService).create('otis@operators.test', 'Otis');
    const enrol = (password: string, by = token) => nobody.post('/platform/auth/enrol', { token: by, password });
    expect(await enrol('elevenchars')).toMatchObject({ status: 400, error: { details: [{ code: 'too_short' }] } });
    expect(await enrol('passwordpassword')).toMatchObject({
      status: 400,
      error: { details: [{ code: 'too_common' }] },
    });
    expectStatus(await enrol(OPERATOR_PASSWORD, `${token}x`), 401);
    await app.owner.query(
      `UPDATE public.operators SET enrolment_expires_at = now() - interval '1 second' WHERE email = 'otis@operators.test'`,
    );
    expect(await enrol(OPERATOR_PASSWORD)).toMatchObject({ status: 401, error: { code: 'enrolment_refused' } });
  });

  it('keeps nothing readable in the database', async () => {
    const operator = await enrolOperator(app);
    const { token } = await app.nest.get(OperatorsService).create('pia@operators.test', 'Pia');
    const { rows } = await app.owner.query('SELECT to_jsonb(o) AS row FROM public.operators o');
    const text = JSON.stringify(rows);
    expect(text).toContain('$argon2id$');
    for (const secret of [operator.secret, OPERATOR_PASSWORD, token]) expect(text).not.toContain(secret);
  });
});

describe('signing in as an operator', () => {
  it('takes password and code, and gives a token of an hour for operators', async () => {
    const operator = await enrolOperator(app);
    const { data } = expectStatus(await login(operator.email.toUpperCase(), codeOf(operator.secret, 1)), 200);
    expect(data).toMatchObject({ expiresIn: 3600, operator: { id: operator.id, email: operator.email } });
    const claims = decodeJwt(data.accessToken);
    expect(claims).toMatchObject({ aud: 'projectflow-platform', sub: operator.id });
    expect(claims.exp! - claims.iat!).toBe(3600);
    expect(decodeProtectedHeader(data.accessToken).typ).toBe('at+jwt');
    expect(expectStatus(await nobody.as(data.accessToken).get('/platform/auth/me'), 200).data).toEqual({
      id: operator.id,
      email: operator.email,
      name: 'Opal',
    });
    const [event] = await eventsOf('operator.sign_in', operator.email);
    expect(event).toMatchObject({ outcome: 'done', operator_id: operator.id, address: '127.0.0.1' });
  });

  it('says and does the same whatever is wrong', async () => {
    const hashing = jest.spyOn(app.nest.get(PasswordHasher), 'verify');
    const off = await enrolOperator(app, 'Otto');
    await app.nest.get(OperatorsService).disable(off.email);
    await app.nest.get(OperatorsService).create('fresh@operators.test', 'Fresh');
    const one = await enrolOperator(app);
    const good = codeOf(one.secret, 1);
    hashing.mockClear();
    const answers = [
      await login('nobody@operators.test', good),
      await login(one.email, good, 'not the password'),
      await login(one.email, wrong(good)),
      await login(off.email, codeOf(off.secret, 1)),
      await login('fresh@operators.test', good),
    ];
    expect(answers[0]).toMatchObject({ status: 401, error: { code: 'operator_sign_in_refused' } });
    expect(new Set(answers.map(seen)).size).toBe(1);
    expect(hashing).toHaveBeenCalledTimes(answers.length);
    hashing.mockRestore();
    expectStatus(await login(one.email, good), 200);
  });

  it('takes each code once, also at the same moment, and none from before', async () => {
    const operator = await enrolOperator(app);
    expectStatus(await login(operator.email, operator.usedCode), 401);
    const code = codeOf(operator.secret, 1);
    const answers = await Promise.all([1, 2, 3].map(() => login(operator.email, code)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401]);
  });

  it.each([
    ['exists', async () => (await enrolOperator(app)).email],
    ['does not exist', async () => 'never@operators.test'],
  ])('pauses after failures when the address %s', async (_, addressOf) => {
    const email = await addressOf();
    for (let failures = 0; failures < 5; failures += 1) expectStatus(await login(email, '000000', 'x'), 401);
    const paused = await eventually(async () => expectStatus(await login(email, '000000', 'x'), 429));
    expect(paused).toMatchObject({ error: { code: 'too_many_attempts' } });
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(0);
    // However many there are, an hour has one event of them.
    const { rows } = await app.owner.query(
      `SELECT max((details ->> 'attempts')::int) AS most, count(*)::int AS events FROM public.operator_events
        WHERE action = 'operator.sign_in' AND outcome = 'refused' AND operator_email IS NOT DISTINCT FROM $1`,
      [email.startsWith('never') ? null : email],
    );
    expect(rows[0].most).toBeGreaterThanOrEqual(5);
    expect(rows[0].events).toBeLessThanOrEqual(2);
  });
});

describe('a session of an operator', () => {
  it('ends at once by signing out', async () => {
    const operator = await enrolOperator(app);
    expectStatus(await operator.post('/platform/auth/logout'), 204);
    await eventually(async () => expectStatus(await operator.get('/platform/auth/me'), 401));
  });

  it.each([
    ['is disabled', (email: string) => app.nest.get(OperatorsService).disable(email)],
    ['is reset', (email: string) => app.nest.get(OperatorsService).reset(email)],
  ])('ends on another instance too when its operator %s', async (_, end) => {
    const other = await startApp({ database: app.database });
    try {
      const operator = await enrolOperator(app);
      const there = new Client(other.url).as(operator.accessToken);
      expectStatus(await there.get('/platform/auth/me'), 200);
      await end(operator.email);
      for (const client of [operator, there])
        await eventually(async () => expectStatus(await client.get('/platform/auth/me'), 401));
      expectStatus(await login(operator.email, codeOf(operator.secret, 1)), 401);
    } finally {
      await other.stop();
    }
  });

  it('that was disabled begins anew when its operator is enabled', async () => {
    const operator = await enrolOperator(app);
    await app.nest.get(OperatorsService).disable(operator.email);
    await app.nest.get(OperatorsService).enable(operator.email);
    expectStatus(await operator.get('/platform/auth/me'), 401);
    expectStatus(await login(operator.email, codeOf(operator.secret, 1)), 200);
  });
});
