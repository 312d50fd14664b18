import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { TEST_KEY } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { hasProxy, startProxy, type TestProxy } from '../support/proxies.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const CLIENTS = 20;
/** Of one instance each, in turn: ROLLING_RESTARTS=50 npm test -- test/start/rolling */
const RESTARTS = Number(process.env['ROLLING_RESTARTS'] ?? 2);
const START_MS = 60_000;

let database: TestDatabase;
let instances: Instance[];
let tenant: TestTenant;
let task: { id: string };
let proxy: TestProxy | null = null;

beforeAll(async () => {
  database = await createDatabase();
  instances = [new Instance(await freePort()), new Instance(await freePort())];
  for (const instance of instances) await instance.start();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`UPDATE public.plans SET limits = '{}'`);
  await owner.end();
  tenant = await signUp({ url: instances[0]!.url });
  task = await tenant.task((await tenant.project('Orbit')).id);
}, START_MS * 2);
afterEach(async () => {
  await proxy?.stop();
  proxy = null;
});
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  await database.drop();
});

/** The product as a process of its own, always on the same port. */
class Instance {
  #child: ChildProcess | null = null;
  #output = '';

  constructor(readonly port: number) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      DATABASE_URL: database.url,
      ENCRYPTION_KEY: TEST_KEY,
      PORT: String(this.port),
      HOST: '127.0.0.1',
      READY_POOL_SIZE: '1',
      TENANT_HOMES: '2',
      TENANT_CONNECTIONS: '8',
      DRAIN_SECONDS: '2',
      RATE_LIMIT_ENABLED: 'false',
      LOG_LEVEL: 'warn',
      ACCESS_TOKEN_SECONDS: '86400',
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#output += chunk));
    this.#child = child;
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(this.#output);
      expectStatus(await new Client(this.url).get('/health/ready'), 200);
    }, START_MS);
  }

  /** @returns the exit code */
  async stop(): Promise<number | null> {
    const child = this.#child!;
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }
}

/** One connection that is kept, as a browser's: reads, and every fourth time a write. */
async function work(url: string, isOver: () => boolean): Promise<{ asked: number; failed: string[] }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const failed: string[] = [];
  let asked = 0;
  while (!isOver()) {
    asked += 1;
    const isWrite = asked % 4 === 0;
    const outcome = isWrite
      ? await send(agent, `${url}/api/v1/tasks/${task.id}/comments`, JSON.stringify({ body: 'still here' }))
      : await send(agent, `${url}/api/v1/tasks/${task.id}`);
    if (outcome !== (isWrite ? '201' : '200')) failed.push(`${isWrite ? 'write' : 'read'}: ${outcome}`);
    await sleep(10);
  }
  agent.destroy();
  return { asked, failed };
}

function send(agent: http.Agent, url: string, body?: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${tenant.owner.accessToken}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    };
    const request = http.request(url, { agent, headers, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve(`${response.statusCode}${response.statusCode! < 300 ? '' : ` ${text.slice(0, 300)}`}`),
      );
      response.on('error', (error) => resolve(error.message));
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(body);
  });
}

describe('two instances that are restarted in turn under load', () => {
  for (const kind of ['haproxy', 'nginx'] as const) {
    (hasProxy(kind) ? it : it.skip)(
      `fail no request behind ${kind}`,
      async () => {
        proxy = await startProxy(
          kind,
          instances.map(({ port }) => port),
        );
        let isOver = false;
        const clients = Array.from({ length: CLIENTS }, () => work(proxy!.url, () => isOver));
        try {
          await sleep(500);
          for (let round = 0; round < RESTARTS; round += 1) {
            const instance = instances[round % instances.length]!;
            expect(await instance.stop()).toBe(0);
            await instance.start();
            // Its proxy sees it again before the other one goes.
            await sleep(1_500);
          }
        } finally {
          isOver = true;
        }
        const done = await Promise.all(clients);
        expect(done.flatMap(({ failed }) => failed)).toEqual([]);
        expect(done.reduce((sum, { asked }) => sum + asked, 0)).toBeGreaterThan(CLIENTS * RESTARTS);
      },
      60_000 + RESTARTS * 30_000,
    );
  }
});

describe('an instance that is told to stop', () => {
  it(
    'answers 503 at /health/ready while it serves everything else, and closes each connection',
    async () => {
      const instance = new Instance(await freePort());
      await instance.start();
      const stopped = instance.stop();
      await eventually(async () => {
        const ready = await fetch(`${instance.url}/health/ready`);
        expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
      });
      const client = new Client(instance.url).as(tenant.owner.accessToken);
      expectStatus(await client.get(`/tasks/${task.id}`), 200);
      expectStatus(await client.get('/health/live'), 200);
      expect(await stopped).toBe(0);
      await expect(fetch(`${instance.url}/health/live`)).rejects.toThrow();
    },
    START_MS,
  );
});
