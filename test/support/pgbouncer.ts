import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface TestPooler {
  /** As DATABASE_POOLER_URL wants it. */
  url: string;
  stop(): Promise<void>;
}

/** Optional, like Redis: where it is not installed its tests are skipped by name. CI always has it. */
export const hasPgBouncer = process.env['CI'] !== undefined || spawnSync('pgbouncer', ['--version']).status === 0;

/** Of each login, so that many clients share few backends. */
export const SERVER_CONNECTIONS = 2;

const ASKING = 'pooler asks';
const NOBODY = 65_534;

/** A real pgbouncer (Debian: apt-get install pgbouncer) before this database, set up as docs/pgbouncer.md says. */
export async function startPgBouncer(database: TestDatabase): Promise<TestPooler> {
  const { hostname, port: serverPort } = new URL(database.url);
  const port = await freePort();
  // Several may stand before one database.
  const login = `pooler_${port}_${database.name}`;
  await letItAsk(database, login);
  const folder = await mkdtemp(join(tmpdir(), 'projectflow-pgbouncer-'));
  await chmod(folder, 0o755);
  const [config, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'userlist.txt')];
  await writeFile(users, `"${login}" "${ASKING}"\n`);
  await writeFile(
    config,
    [
      '[databases]',
      `${database.name} = host=${hostname} port=${serverPort} dbname=${database.name} auth_user=${login}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'pool_mode = transaction',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      `auth_query = SELECT usename, passwd FROM ${login}.secret_of($1)`,
      `default_pool_size = ${SERVER_CONNECTIONS}`,
      'max_client_conn = 200',
      'query_wait_timeout = 5',
      'server_login_retry = 1',
      'ignore_startup_parameters = extra_float_digits',
    ].join('\n'),
  );
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const server = spawn('pgbouncer', ['--quiet', config], { stdio: 'ignore', ...user });
  await once(server, 'spawn');
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
    await asOwner(database, [`DROP SCHEMA ${login} CASCADE`, `DROP ROLE "${login}"`]);
  };
  await eventually(() => untilItAnswers(port, database.name, login)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url: `postgres://127.0.0.1:${port}/${database.name}`, stop };
}

/** The login with which the pooler asks for the secrets of others, and may do nothing else. */
async function letItAsk(database: TestDatabase, login: string): Promise<void> {
  await asOwner(database, [
    `CREATE ROLE "${login}" LOGIN PASSWORD '${ASKING}'`,
    `CREATE SCHEMA ${login}`,
    `CREATE FUNCTION ${login}.secret_of(login text) RETURNS TABLE (usename name, passwd text)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS $$ SELECT usename, passwd FROM pg_shadow WHERE usename = login AND starts_with(login, 'pf_') $$`,
    `REVOKE ALL ON FUNCTION ${login}.secret_of(text) FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA ${login} TO "${login}"`,
    `GRANT EXECUTE ON FUNCTION ${login}.secret_of(text) TO "${login}"`,
  ]);
}

async function asOwner(database: TestDatabase, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function untilItAnswers(port: number, name: string, login: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, database: name, user: login, password: ASKING });
  await client.connect();
  await client.end();
}
