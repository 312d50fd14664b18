import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { startApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const LIMIT = 8;
const SETTINGS = { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_ADDRESS: String(LIMIT), TRUST_PROXY: '1' };

/** Sends these bytes and no more. */
function send(app: TestApp, text: string): Socket {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  return socket;
}

/** The first line and the headers of the answer. */
async function answerTo(app: TestApp, text: string): Promise<string> {
  const socket = send(app, text);
  try {
    let answer = '';
    for await (const part of socket) {
      answer += String(part);
      if (answer.includes('\r\n\r\n')) return answer.split('\r\n\r\n')[0]!;
    }
    return answer;
  } finally {
    socket.destroy();
  }
}

const statusOf = (answer: string) => Number(answer.split(' ')[1]);

describe('what an address asks', () => {
  let app: TestApp;
  let network = 0;
  beforeAll(async () => {
    app = await startApp({ settings: SETTINGS });
  });
  afterAll(() => app.stop());

  const json = (address: string, body: string, length = body.length) =>
    `POST /api/v1/auth/refresh HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${address}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
  const plain = (line: string, address: string, more = '') =>
    `${line} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${address}\r\n${more}\r\n`;

  it.each<[string, number, (address: string) => string]>([
    ['an unknown route', 404, (address) => plain('GET /no-such-route', address)],
    ['a route that looks like one of balancers', 404, (address) => plain('GET /health/more', address)],
    ['a method that balancers do not use', 404, (address) => plain('POST /health', address)],
    ['a body that is no JSON', 400, (address) => json(address, '{"a":')],
    ['a body with too much in it', 400, (address) => json(address, `[${'0,'.repeat(6_000)}0]`)],
    ['a body that is too large', 413, (address) => json(address, '', 2 ** 21)],
    [
      'a type that no route takes',
      415,
      (address) => plain('POST /api/v1/auth/refresh', address, 'content-type: a/b\r\ncontent-length: 1\r\n') + 'x',
    ],
    [
      'a question of a browser before its request',
      204,
      (address) =>
        plain(
          'OPTIONS /api/v1/tasks',
          address,
          'origin: http://localhost:3000\r\naccess-control-request-method: GET\r\n',
        ),
    ],
    [
      'an organisation that does not exist',
      404,
      (address) => plain('GET /api/v1/tasks', address, 'x-tenant-domain: nothing\r\n'),
    ],
  ])('is counted, be it %s', async (_, status, request) => {
    network += 1;
    const address = `203.0.113.${network}`;
    for (let i = 1; i <= LIMIT; i += 1) {
      const answer = await answerTo(app, request(address));
      expect(answer).toContain(`ratelimit: "address";r=${LIMIT - i};t=`);
      expect(statusOf(answer)).toBe(status);
    }
    const refused = await answerTo(app, request(address));
    expect(statusOf(refused)).toBe(429);
    expect(refused).toMatch(/\r\nretry-after: \d+/);
    expect(refused).toMatch(/\r\nx-content-type-options: nosniff/);
    // Somebody else goes on.
    expect(statusOf(await answerTo(app, request(`198.51.100.${network}`)))).not.toBe(429);
  });

  it('is counted without an address that can be read', async () => {
    const request = plain('GET /%E0%A4%A', '203.0.113.99');
    for (let i = 0; i < LIMIT; i += 1) expect(statusOf(await answerTo(app, request))).toBe(400);
    expect(statusOf(await answerTo(app, request))).toBe(429);
  });

  it('is refused before its body has come, and browsers may read why', async () => {
    const headers = 'origin: http://localhost:3000\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n';
    const request = plain('POST /api/v1/auth/refresh', '203.0.113.100', headers);
    for (let i = 0; i < LIMIT; i += 1) await answerTo(app, plain('GET /none', '203.0.113.100'));
    const refused = await answerTo(app, request);
    expect(statusOf(refused)).toBe(429);
    expect(refused).toContain('access-control-allow-origin: http://localhost:3000');
    expect(refused).toMatch(/access-control-expose-headers: .*Retry-After/);
  });
});

describe('a client that does not read its answers', () => {
  it('is disconnected after a while, and one that reads is not', async () => {
    const app = await startApp({ settings: { ANSWER_SECONDS: '1' } });
    try {
      const request = 'GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n';
      const count = () =>
        new Promise<number>((resolve) =>
          app.nest.getHttpServer().getConnections((_: unknown, n: number) => resolve(n)),
        );
      const silent = send(app, request.repeat(100));
      silent.on('error', () => undefined).pause();
      await eventually(async () => expect(await count()).toBe(1));
      await eventually(async () => expect(await count()).toBe(0), 60_000);
      silent.destroy();
      const answer = await fetch(`${app.url}/api/openapi.json`);
      expect((await answer.text()).length).toBeGreaterThan(100_000);
    } finally {
      await app.stop();
    }
  });
});
