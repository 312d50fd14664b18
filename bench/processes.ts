import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../src/platform/config/config.ts';
import { CONNECTIONS, HOMES } from './engine.ts';
import type { BenchServer } from './server.ts';

const PATIENCE_MS = 30_000;

export interface Process {
  port: number;
  pid: number;
  /** From the start of the process to its first answer. */
  startMs: number;
  stop(): Promise<void>;
}

/** The product as it is shipped. */
export function startProduct(server: BenchServer, settings: Record<string, string> = {}): Promise<Process> {
  return start('../src/main.js', [], '/api/v1/tenants/availability?slug=somebody', {
    DATABASE_URL: server.url,
    ENCRYPTION_KEY: server.encryptionKey,
    LOG_LEVEL: 'error',
    READY_POOL_SIZE: '0',
    TENANT_HOMES: String(HOMES),
    TENANT_CONNECTIONS: String(CONNECTIONS),
    ACCESS_TOKEN_SECONDS: '86400',
    ...settings,
  });
}

/** Fastify and pg, and nothing else: see plain-server.ts. */
export function startPlain(server: BenchServer): Promise<Process> {
  return start('./main.js', ['plain-server'], '/live', { DATABASE_URL: server.url });
}

/** The same for the work on tasks: see work-server.ts. @param connections as many as one tenant may have of the product's */
export function startPlainWork(server: BenchServer, connections: number): Promise<Process> {
  const environment = { DATABASE_URL: server.url, TENANT_CONNECTIONS: String(connections) };
  return start('./main.js', ['work-server'], '/live', environment);
}

async function start(
  program: string,
  args: string[],
  path: string,
  environment: Record<string, string>,
): Promise<Process> {
  const port = await freePort();
  const file = fileURLToPath(new URL(program, import.meta.url));
  const env = childEnvironment({
    PORT: String(port),
    HOST: '127.0.0.1',
    RATE_LIMIT_ENABLED: 'false',
    ...environment,
  });
  const started = performance.now();
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  };
  while (performance.now() - started < PATIENCE_MS) {
    if (child.exitCode !== null) throw new Error('the server did not start; its message is above');
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    if (answer?.ok) return { port, pid: child.pid!, startMs: performance.now() - started, stop };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stop();
  throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
