import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/platform/config/config.ts';

/** The public API, as a client sees it; answers are the envelope's `data`. */
export interface Api {
  url: string;
  get(path: string, token?: string): Promise<any>;
  post(path: string, body: unknown, token?: string, headers?: Record<string, string>): Promise<any>;
  put(path: string, body: unknown, token?: string): Promise<any>;
  /** The newest mail to an address, where the server catches them; null where it sends them. */
  mailTo(address: string): Promise<string | null>;
}

const START_MS = 60_000;

/** Works with the server that runs on PORT, or starts one for the time of the work. */
export async function withServer(work: (api: Api) => Promise<void>): Promise<void> {
  const config = loadConfig();
  const running = `http://localhost:${config.PORT}`;
  if (await answers(running)) return work(clientOf(running));
  const port = await freePort();
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
  const environment = { ...process.env, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn' };
  const server = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  try {
    await untilReady(server, `http://localhost:${port}`);
    await work({ ...clientOf(`http://localhost:${port}`), url: running });
    process.stdout.write('The server was started for the demo and is stopped now; start it with npm start.\n');
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  }
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error('The server did not start; its message is above.');
    if (await answers(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server did not answer within ${START_MS / 1000} s.`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = (await (await fetch(`${url}/health/ready`)).json()) as { status?: string };
    return answer.status === 'ready';
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function clientOf(url: string): Api {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.status === 204) return {};
    const answer: any = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer.error?.message}`);
    return answer.data;
  };
  return {
    url,
    get: (path, token) => call('GET', path, undefined, token),
    post: (path, body, token, headers) => call('POST', path, body, token, headers),
    put: (path, body, token) => call('PUT', path, body, token),
    mailTo: async (address) => {
      const answer = await fetch(`${url}/dev/mails`, { headers: { accept: 'application/json' } });
      if (!answer.ok) return null;
      const { data } = (await answer.json()) as { data: { to: string; text: string }[] };
      return data.find(({ to }) => to === address)?.text ?? '';
    },
  };
}
