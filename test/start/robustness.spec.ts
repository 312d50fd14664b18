import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { drainAndClose } from '../../src/platform/http/drain.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { createDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { signUp } from '../support/tenant.ts';

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});

async function start(options?: Parameters<typeof startApp>[0]): Promise<TestApp> {
  const app = await startApp(options);
  apps.push(app);
  return app;
}

describe('the process', () => {
  it('survives that its backends are killed again and again, and serves as soon as they are left alone', async () => {
    const app = await start();
    const tenant = await signUp(app);
    for (let round = 0; round < 25; round++) {
      const calls = Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0
          ? tenant.visitor.get(`/tenants/availability?slug=round-${round}-${i}`)
          : tenant.owner.get('/projects'),
      );
      await app.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'projectflow%'`,
      );
      for (const answer of await Promise.all(calls)) expect([200, 503]).toContain(answer.status);
    }
    await eventually(async () => expectStatus(await tenant.owner.get('/projects'), 200));
    await eventually(async () => expectStatus(await tenant.visitor.get('/tenants/availability?slug=afterwards'), 200));
  });

  it('stays within its connections when it is started with fewer homes than tenants live in', async () => {
    const database = await createDatabase();
    try {
      const before = await startApp({ database, settings: { TENANT_HOMES: '4', TENANT_CONNECTIONS: '8' } });
      const tenants = [];
      for (let i = 0; i < 10; i++) tenants.push(await signUp(before));
      await before.stop();
      const after = await startApp({ database, settings: { TENANT_HOMES: '1', TENANT_CONNECTIONS: '8' } });
      try {
        const clients = tenants.map((tenant) => new Client(after.url).as(tenant.owner.accessToken));
        for (let round = 0; round < 5; round++) {
          const answers = await Promise.all(
            clients.flatMap((client) => [client.get('/projects'), client.get('/tasks'), client.get('/users')]),
          );
          expect(answers.every((answer) => answer.status === 200)).toBe(true);
        }
        const { rows } = await after.owner.query(
          `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'projectflow home%'`,
        );
        expect(rows[0].count).toBeGreaterThan(1);
        expect(rows[0].count).toBeLessThanOrEqual(8);
      } finally {
        await after.stop();
      }
    } finally {
      await database.drop();
    }
  });

  it('turns nobody away while it stops: who is connected is served and told not to come back', async () => {
    const app = await start();
    const tenant = await signUp(app);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
    const outcomes: string[] = [];
    let stopping = false;
    const loop = async () => {
      for (;;) {
        const outcome = await get(app.url, agent, tenant.owner.accessToken);
        outcomes.push(outcome);
        // A closed door is how a client learns that the server is gone; before that nothing may fail.
        if (outcome === 'ECONNREFUSED' || (stopping && outcome.endsWith('close'))) return;
      }
    };
    const loops = Array.from({ length: 6 }, loop);
    await eventually(async () => expect(outcomes.length).toBeGreaterThan(30));
    stopping = true;
    const closed = drainAndClose(app.nest, { drainMs: 1_000, patienceMs: 60_000 });
    await Promise.all(loops);
    await closed;
    agent.destroy();
    expect(new Set(outcomes)).toEqual(new Set(['200 keep-alive', '200 close']));
  });

  it('answers a connection that was made just before it stopped listening', async () => {
    const app = await start();
    const { hostname, port } = new URL(app.url);
    const young = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    await Promise.all(young.map((socket) => once(socket, 'connect')));
    const answers = young.map(async (socket, i) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      setTimeout(() => socket.write(`GET /health/live HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`), i * 5);
      await once(socket, 'close');
      return text;
    });
    await drainAndClose(app.nest, { drainMs: 0, patienceMs: 10_000 });
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    }
  });

  it('stops although somebody does not read their answer', async () => {
    const app = await start();
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const line = `GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`;
    socket.on('error', () => undefined).write(line.repeat(20));
    await once(socket, 'readable');
    await drainAndClose(app.nest, { drainMs: 0, patienceMs: 2_000 });
    await eventually(async () => {
      socket.resume();
      expect(socket.closed).toBe(true);
    });
  });
});

function get(url: string, agent: http.Agent, token: string): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get(
      `${url}/api/v1/users/me`,
      { agent, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
