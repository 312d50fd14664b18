import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { OperatorsService } from '../../src/operators/operators.service.ts';
import type { TestApp } from './app.ts';
import { Client, expectStatus } from './client.ts';

export const OPERATOR_PASSWORD = 'turnip lantern 7';

/** Somebody who operates the installation, signed in. */
export interface TestOperator extends Client {
  id: string;
  email: string;
  secret: string;
  /** With which the enrolment was confirmed. */
  usedCode: string;
  accessToken: string;
}

/** What an authenticator shows, now or some periods of 30 s from now. */
export function codeOf(secret: string, periods = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + periods * 30_000 });
}

/** An operator who has enrolled through the API, as those whom a command invited do. */
export async function enrolOperator(app: TestApp, name = 'Opal'): Promise<TestOperator> {
  const nobody = new Client(app.url);
  const email = `${name.toLowerCase()}.${randomBytes(3).toString('hex')}@operators.test`;
  const { token } = await app.nest.get(OperatorsService).create(email, name);
  const { data: enrolment } = expectStatus(
    await nobody.post('/platform/auth/enrol', { token, password: OPERATOR_PASSWORD }),
    200,
  );
  const code = codeOf(enrolment.secret);
  const { data } = expectStatus(await nobody.post('/platform/auth/enrol/confirm', { token, code }), 200);
  const { accessToken, operator } = data;
  return Object.assign(nobody.as(accessToken), {
    id: operator.id,
    email,
    secret: enrolment.secret,
    usedCode: code,
    accessToken,
  });
}
