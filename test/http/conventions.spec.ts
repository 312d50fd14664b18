import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let projectId: string;
beforeAll(async () => {
  app = await startApp({ settings: { ALLOWED_ORIGINS: 'https://app.example.com' } });
  acme = await signUp(app);
  projectId = (await acme.project('Conventions')).id;
});
afterAll(() => app.stop());

/** Sends bytes as they are, which fetch would not. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      app.url + path,
      { method, headers: { authorization: `Bearer ${acme.owner.accessToken}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

describe('an error', () => {
  it('is problem+json with a stable code, the request id and pointers to every field that is wrong', async () => {
    const answer = await acme.owner.post('/tasks', {
      projectId: 'x',
      title: '',
      tags: ['ok', ''],
      estimatedHours: 1.234,
      wrong: 1,
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: 'urn:projectflow:problem:validation_failed',
      title: 'Bad Request',
      status: 400,
      instance: '/api/v1/tasks',
    });
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    const pointers = answer.error.details.map(({ pointer, code }) => `${pointer} ${code}`);
    for (const expected of [
      '/projectId uuid',
      '/title length',
      '/tags length',
      '/estimatedHours amount',
      '/wrong unknown_field',
    ]) {
      expect(pointers).toContain(expected);
    }
  });

  it('points into nested objects', async () => {
    const answer = await acme.owner.post('/projects', {
      name: 'X',
      budget: { amount: 12, currency: 'euro', extra: 1 },
    });
    expect(answer.error.details.map(({ pointer }) => pointer).sort()).toEqual([
      '/budget/amount',
      '/budget/currency',
      '/budget/extra',
    ]);
  });

  const hostile: [string, Record<string, string>, string | Buffer, number][] = [
    ['half a JSON', { 'content-type': 'application/json' }, '{"title":', 400],
    ['no object', { 'content-type': 'application/json' }, '[]', 400],
    ['null', { 'content-type': 'application/json' }, 'null', 400],
    ['nothing', { 'content-type': 'application/json' }, '', 400],
    ['another type', { 'content-type': 'text/xml' }, '<a/>', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'title=x', 415],
    ['a prototype', { 'content-type': 'application/json' }, '{"__proto__":{"admin":true},"title":"x"}', 400],
    ['a constructor', { 'content-type': 'application/json' }, '{"constructor":{"prototype":{}},"title":"x"}', 400],
    ['NUL', { 'content-type': 'application/json' }, '{"title":"a\\u0000b"}', 400],
    ['half a character', { 'content-type': 'application/json' }, '{"title":"\\ud800"}', 400],
    [
      'invalid UTF-8',
      { 'content-type': 'application/json' },
      Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      400,
    ],
    ['deep nesting', { 'content-type': 'application/json' }, `{"title":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400],
    ['a huge number', { 'content-type': 'application/json' }, '{"title":1e999}', 400],
    [
      'a constructor of its own',
      { 'content-type': 'application/json' },
      '{"name":"x","settings":{"constructor":1}}',
      400,
    ],
    ['what every object has', { 'content-type': 'application/json' }, '{"title":"x","toString":1}', 400],
    ['plain text', { 'content-type': 'text/plain' }, 'title=x', 415],
    ['too much', { 'content-type': 'application/json' }, JSON.stringify({ title: 'x'.repeat(1_100_000) }), 413],
  ];

  it.each(hostile)('answers a body of %s with a 4xx', async (_, headers, body, status) => {
    const answer = await raw('POST', '/api/v1/tasks', headers, body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/problem\+json/);
    expect(answer.text).not.toMatch(/node_modules|SELECT|\.ts:/);
  });

  it.each([
    '/api/v1/tasks/nonsense',
    '/api/v1/tasks/%00',
    '/api/v1/tasks/../../x',
    '/api/v1/tasks?%',
    '/api/v1/%zz',
    '/nowhere',
    '/api/v2/tasks',
  ])('answers the path %s with a 4xx', async (path) => {
    const answer = await raw('GET', path, {});
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(JSON.parse(answer.text).error.code).toEqual(expect.any(String));
  });

  it('says nothing of the inside when something unexpected breaks, and still gives the request id', async () => {
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [acme.slug]);
    await app.owner.query(`ALTER TABLE "${rows[0].schema_name}".comments RENAME COLUMN body TO hidden`);
    try {
      const task = await acme.task(projectId);
      const answer = await acme.owner.get(`/tasks/${task.id}/comments`);
      expect(answer).toMatchObject({ status: 500, error: { code: 'internal_error', details: [] } });
      expect(JSON.stringify(answer.body)).not.toMatch(/does not exist|SELECT|\bt_[0-9a-f]{16}/);
      expect(answer.body.requestId).toEqual(expect.any(String));
    } finally {
      await app.owner.query(`ALTER TABLE "${rows[0].schema_name}".comments RENAME COLUMN hidden TO body`);
    }
  });
});

describe('a request', () => {
  it('keeps the id that it brings, if that is a decent one', async () => {
    expect((await acme.owner.get('/users/me', { 'x-request-id': 'trace-me-12345' })).headers.get('x-request-id')).toBe(
      'trace-me-12345',
    );
    for (const bad of ['short', 'x'.repeat(200), 'semi;colon-1234']) {
      expect((await acme.owner.get('/users/me', { 'x-request-id': bad })).headers.get('x-request-id')).not.toBe(bad);
    }
  });

  it.each(['/users/me', '/roles', '/tenants/current'])(
    'with an unknown parameter is refused, also on %s',
    async (path) => {
      const answer = await acme.owner.get(`${path}?colour=red`);
      expect(answer).toMatchObject({
        status: 400,
        error: { details: [{ pointer: '?colour', code: 'unknown_parameter' }] },
      });
    },
  );

  it('that names an organisation by ?tenant= where that does not count is refused', async () => {
    expect(await acme.owner.post('/projects?tenant=other', { name: 'x' })).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '?tenant' }] },
    });
  });

  it.each(['2024-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2024-01-01T00:00:00+16:00', '2024-01-01T25:00:00Z'])(
    'that filters by the impossible time %s is refused',
    async (time) => {
      expect((await acme.owner.get(`/tasks?createdAt[gt]=${encodeURIComponent(time)}`)).status).toBe(400);
    },
  );

  it('with a cursor of its own making is refused', async () => {
    for (let i = 0; i < 2; i++) await acme.task(projectId);
    const { meta } = await acme.owner.get('/tasks?limit=1');
    const parts = JSON.parse(Buffer.from(meta.nextCursor, 'base64url').toString());
    for (const forged of ['9999-99-99 99:99:99+99', '2026-13-45 00:00:00+00']) {
      const cursor = Buffer.from(JSON.stringify([parts[0], forged, parts[2]])).toString('base64url');
      expect((await acme.owner.get(`/tasks?limit=1&after=${cursor}`)).status).toBe(400);
    }
  });

  it('counts characters as the database does', async () => {
    expect((await acme.owner.post('/tasks', { projectId, title: 'a\uFE0F'.repeat(200) })).status).toBe(400);
    expect((await acme.owner.post('/tasks', { projectId, title: '\u{1F680}'.repeat(255) })).status).toBe(201);
  });

  it('with an If-Match that is no ETag is refused', async () => {
    expect((await acme.owner.patch(`/projects/${projectId}`, { name: 'x' }, { 'if-match': 'three' })).status).toBe(400);
  });

  it('may bring back a tag that a proxy made weak', async () => {
    const { id, version } = await acme.task(projectId);
    const weak = { 'if-match': `W/"${version}"` };
    expect((await acme.owner.patch(`/tasks/${id}`, { title: 'x' }, weak)).status).toBe(200);
    expect((await acme.owner.patch(`/tasks/${id}`, { title: 'y' }, weak)).status).toBe(412);
  });

  it('is held to its If-Match wherever it changes what has a version', async () => {
    const { id } = await acme.project('Matched');
    const task = await acme.task(id);
    const milestone = expectStatus(await acme.owner.post(`/projects/${id}/milestones`, { name: 'M' }), 201).data;
    const stale = { 'if-match': '"77"' };
    expect([
      (await acme.owner.put(`/tasks/${task.id}/position`, { afterId: null }, stale)).status,
      (await acme.owner.put(`/milestones/${milestone.id}/completion`, undefined, stale)).status,
      (await acme.owner.delete(`/milestones/${milestone.id}/completion`, stale)).status,
      (await acme.owner.put(`/projects/${id}/archive`, undefined, stale)).status,
      (await acme.owner.delete(`/projects/${id}/archive`, stale)).status,
    ]).toEqual([412, 412, 412, 412, 412]);
  });

  it('by somebody who may not is refused whatever the version', async () => {
    const viewer = await acme.join('Vera', 'viewer');
    expectStatus(await acme.owner.post(`/projects/${projectId}/members`, { userId: viewer.id, role: 'viewer' }), 201);
    const { id } = await acme.task(projectId);
    expect((await viewer.patch(`/tasks/${id}`, { title: 'x' }, { 'if-match': '"77"' })).status).toBe(403);
    expect((await viewer.delete(`/tasks/${id}`, { 'if-match': '"77"' })).status).toBe(403);
  });
});

describe('an answer', () => {
  it('carries the security headers also where an address cannot be read', async () => {
    const answer = await fetch(`${app.url}/%ff`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    await answer.text();
  });

  it('carries the security headers and is not stored', async () => {
    const { headers } = await acme.owner.get('/projects');
    expect(Object.fromEntries(headers)).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    expect((await acme.owner.get(`/projects/${projectId}`)).headers.get('cache-control')).toBe('private, no-cache');
    expect((await acme.visitor.get('/users/me')).headers.get('cache-control')).toBe('no-store');
  });

  it('may be read by allowed origins alone', async () => {
    const allowed = await acme.owner.get('/projects', { origin: 'https://app.example.com' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('access-control-expose-headers')).toMatch(/ETag, .*Location/);
    const other = await acme.owner.get('/projects', { origin: 'https://evil.example.com' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await raw('OPTIONS', '/api/v1/projects', {
      origin: 'https://app.example.com',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'x-tenant-domain,if-match',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-methods']).toMatch(/PATCH/);
    expect(preflight.headers['access-control-allow-headers']).toBe('x-tenant-domain,if-match');
  });
});

describe('the health of the process', () => {
  it('is told in detail to nobody who comes through a proxy', async () => {
    expect((await new Client(app.url).get('/health', { 'x-forwarded-for': '127.0.0.1' })).status).toBe(404);
  });

  it('is told to anybody as alive and ready, in detail on loopback', async () => {
    const nobody = new Client(app.url);
    expect((await nobody.get('/health/live')).body).toEqual({ status: 'alive' });
    expect((await nobody.get('/health/ready')).body).toEqual({ status: 'ready' });
    expect((await nobody.get('/ready')).status).toBe(200);
    expect((await nobody.get('/health')).body).toMatchObject({
      status: 'healthy',
      version: expect.any(String),
      services: { database: { status: 'up' }, redis: { status: 'off' }, tenantSchemas: { status: 'up' } },
    });
  });
});
