import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface TestProxy {
  /** `http://127.0.0.1:<port>` */
  url: string;
  stop(): Promise<void>;
}

type Kind = 'haproxy' | 'nginx';

/** Optional, like Redis: where one is not installed its tests are skipped by name. CI always has both. */
export function hasProxy(kind: Kind): boolean {
  return process.env['CI'] !== undefined || spawnSync(kind, ['-v']).status === 0;
}

/** A real HAProxy or nginx (Debian packages of the same name) before some instances, set up as docs/operating.md says. */
export async function startProxy(kind: Kind, instances: number[]): Promise<TestProxy> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), `projectflow-${kind}-`));
  await chmod(folder, 0o755);
  const file = join(folder, 'proxy.conf');
  await writeFile(file, kind === 'haproxy' ? haproxy(port, instances) : nginx(port, instances, folder));
  const program: [string, string[]] =
    kind === 'haproxy' ? ['haproxy', ['-db', '-f', file]] : ['nginx', ['-p', folder, '-c', file, '-g', 'daemon off;']];
  const server = spawn(...program, { stdio: 'ignore' });
  await once(server, 'spawn');
  await eventually(() => answers(port));
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(server, folder) };
}

function haproxy(port: number, instances: number[]): string {
  return `
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout check 2s
  retries 3
  option redispatch
  retry-on conn-failure
frontend api
  bind 127.0.0.1:${port}
  default_backend instances
backend instances
  balance roundrobin
  option httpchk GET /health/ready
  http-check expect status 200
  default-server check inter 200ms fall 2 rise 2
${instances.map((each, i) => `  server instance${i} 127.0.0.1:${each}`).join('\n')}
`;
}

function nginx(port: number, instances: number[], folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
${temporary.map((each) => `  ${each}_temp_path ${folder}/${each};`).join('\n')}
  upstream instances {
${instances.map((each) => `    server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join('\n')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://instances;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}
