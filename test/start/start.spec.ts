import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, signIn } from '../support/tenant.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 20_000;

let dataDir: string;
let port: number;
let running: Started[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'projectflow-start-'));
  // As root, the server runs as another user, who must be able to enter; else it would live elsewhere.
  await chmod(dataDir, 0o755);
  port = await freePort();
});
afterEach(async () => {
  for (const { child } of running) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  running = [];
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

interface Started {
  child: ChildProcess;
  output: () => string;
  exited: Promise<number | null>;
}

function start(settings: Record<string, string> = {}): Started {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(port),
    HOST: '127.0.0.1',
    READY_POOL_SIZE: '1',
    START_PATIENCE_SECONDS: '0',
    DRAIN_SECONDS: '1',
    ...settings,
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const started = { child, output: () => text, exited: once(child, 'exit').then(([code]) => code as number | null) };
  running.push(started);
  return started;
}

function startsServing(started: Started): Promise<void> {
  return eventually(async () => expect(started.output()).toMatch(/ProjectFlow is running/), START_MS);
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('npm start', () => {
  it('runs on a PostgreSQL of its own, says where, stops at Ctrl-C with everything it started, and keeps the data', async () => {
    const first = start();
    await startsServing(first);
    expect(first.output()).toContain(`http://localhost:${port}/api/v1`);
    expect(first.output()).toContain(`http://localhost:${port}/api/docs`);
    // The line to try is tried as it is printed.
    const line = /curl -s .*/.exec(first.output())![0];
    const { stdout: signedUp } = await promisify(execFile)('sh', ['-c', line]);
    expect(JSON.parse(signedUp).data.tenant.slug).toBe('acme');
    const mails = /Mails +(\S+)/.exec(first.output())![1]!;
    await eventually(async () => expect(await (await fetch(mails)).text()).toContain('Confirm your address for Acme'));

    const [postmaster] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    // npm passes Ctrl-C on to a process that the terminal has told already.
    first.child.kill('SIGINT');
    first.child.kill('SIGINT');
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    await eventually(async () => expect(isAlive(Number(postmaster))).toBe(false));

    const second = start();
    await startsServing(second);
    const visitor = new Client(`http://127.0.0.1:${port}`, { 'x-tenant-domain': 'acme' });
    expectStatus(await (await signIn(visitor, 'ada@acme.test', 'correct horse battery')).get('/users/me'), 200);
    expect(second.output()).not.toContain(PASSWORD);
  }, 60_000);

  it('shares its database with a command that runs meanwhile, and with one that runs when it is stopped', async () => {
    const list = () =>
      new Promise<string>((resolve) =>
        execFile(
          process.execPath,
          [CLI, '--json', 'tenant', 'list'],
          { env: { ...process.env, DATA_DIR: dataDir } },
          (_, stdout) => resolve(stdout),
        ),
      );
    const started = start();
    await startsServing(started);
    expect(JSON.parse(await list())).toEqual([expect.objectContaining({ slug: 'acme' })]);
    expectStatus(await new Client(`http://127.0.0.1:${port}`).get('/health/ready'), 200);
    started.child.kill('SIGTERM');
    expect(await started.exited).toBe(0);
    expect(JSON.parse(await list())).toEqual([expect.objectContaining({ slug: 'acme' })]);
  }, 60_000);

  it.each([
    [{ PORT: 'eighty' }, /PORT must be a whole number/],
    [{ DATABASE_URL: 'mysql://x' }, /postgres:\/\/user:password@host/],
    [{ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/db' }, /ENCRYPTION_KEY is needed[\s\S]*openssl rand/],
    [
      { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/db', ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') },
      /does not answer[\s\S]*Check host, port/,
    ],
    [{ ENCRYPTION_KEY: 'short' }, /ENCRYPTION_KEY must be 32 bytes/],
    [{ TENANT_HOMES: '9', TENANT_CONNECTIONS: '3' }, /every home needs a connection/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
  ])('refuses %j with a message that says how to mend it', async (settings, message) => {
    const started = start(settings);
    expect(await started.exited).toBe(1);
    expect(started.output()).toMatch(message);
    expect(started.output()).not.toMatch(/\n\s+at /);
  });

  it('waits for a database that does not answer yet, and says so', async () => {
    const closed = await freePort();
    const started = start({
      DATABASE_URL: `postgres://u:p@127.0.0.1:${closed}/db`,
      ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      START_PATIENCE_SECONDS: '30',
    });
    await eventually(async () => expect(started.output()).toMatch(/waiting for the database/), START_MS);
    // One that answers, if only to refuse: the start goes on to its own message.
    const server = createServer((socket) => socket.end()).listen(closed, '127.0.0.1');
    await once(server, 'listening');
    try {
      await eventually(async () => expect(started.child.exitCode).toBeNull(), 1_000);
      started.child.kill('SIGTERM');
      expect(await started.exited).toBe(0);
    } finally {
      server.close();
    }
  });

  it('ends with npm: a signal that npm gets reaches the server, which ends with the database it started', async () => {
    const child = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1', DRAIN_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    await eventually(async () => expect(text).toMatch(/ProjectFlow is running/), 60_000);
    const [postmaster] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    child.kill('SIGTERM');
    await once(child, 'exit');
    await eventually(async () => {
      await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
      expect(isAlive(Number(postmaster))).toBe(false);
    }, 20_000);
  }, 120_000);

  it('says so when the port is taken', async () => {
    const holder = createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    try {
      const started = start();
      expect(await started.exited).toBe(1);
      expect(started.output()).toMatch(new RegExp(`Port ${port} on 127.0.0.1 is taken[\\s\\S]*PORT=`));
    } finally {
      holder.close();
    }
  });
});
