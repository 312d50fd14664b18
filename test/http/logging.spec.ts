import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { Writable } from 'node:stream';
import { loggerOptions } from '../../src/platform/logging/logger.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

const lines: string[] = [];
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(...chunk.toString().split('\n').filter(Boolean));
    done();
  },
});
const logger = pino(loggerOptions('debug'), sink);

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp({ logger });
  acme = await signUp(app);
});
afterAll(() => app.stop());

describe('the log', () => {
  it('has one line a request, with its id, tenant, user, status and time', async () => {
    await acme.owner.get('/projects?status=active', { 'x-request-id': 'look-for-me-1' });
    const own = lines
      .map((line) => JSON.parse(line))
      .filter((line) => line.requestId === 'look-for-me-1' && line.msg === 'request');
    expect(own).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'GET',
        path: '/api/v1/projects',
        status: 200,
        tenant: acme.slug,
        user: acme.owner.id,
        ms: expect.any(Number),
        time: expect.any(String),
      }),
    ]);
  });

  it('never holds a password, a token or a hash, whatever went wrong', async () => {
    const wrong = 'this-is-the-wrong-password';
    await acme.visitor.post('/auth/login', { email: acme.owner.email, password: wrong });
    await acme.visitor.post('/auth/refresh', { refreshToken: acme.owner.refreshToken });
    await new Client(app.url).post('/tenants', {
      name: 'X',
      slug: acme.slug,
      admin: { email: 'x@y.test', password: PASSWORD, firstName: 'X', lastName: 'Y' },
    });
    await acme.owner.post('/users', { email: acme.owner.email, firstName: 'X', lastName: 'Y', password: PASSWORD });
    expect(lines.length).toBeGreaterThan(5);
    const all = lines.join('\n');
    for (const secret of [
      wrong,
      PASSWORD,
      acme.owner.accessToken,
      acme.owner.accessToken.split('.')[2]!,
      acme.owner.refreshToken,
      '$argon2id$',
    ]) {
      expect(all.includes(secret)).toBe(false);
    }
  });

  it('redacts secrets that code hands to it by mistake', () => {
    logger.info(
      { password: 'p1-secret', user: { refreshToken: 'p2-secret' }, req: { headers: { authorization: 'p3-secret' } } },
      'careless',
    );
    const careless = lines.find((line) => line.includes('careless'))!;
    expect(careless).toMatch(/redacted/);
    expect(careless).not.toMatch(/p\d-secret/);
  });
});
