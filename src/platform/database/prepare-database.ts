import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { SecretBox, keyIdOf, sealedWith } from '../crypto/secret-box.ts';
import { OperatorError } from '../errors/app-error.ts';
import { installJobs } from '../jobs/install-jobs.ts';
import type { ClusterAddress } from './clusters.ts';
import { demandObedience, demandOriginal, readClusters, settleIncarnation, settleObedience } from './incarnation.ts';
import { LOGIN_SECRET, loginNames, withLoginOf } from './database-logins.ts';
import type { MigrationClass } from './migration-recorder.ts';
import { checkBaseline, openOwner, prepareCluster, runMigrations, type PreparedCluster } from './prepare-cluster.ts';

export interface PrepareOptions {
  /** Owner login. */
  url: string;
  /** Folder of the embedded server, to be named to the operator; undefined with DATABASE_URL. */
  dataDir?: string;
  appUrl?: string;
  /** Transaction-mode pooler in front of the same database, without a login: the registry's and the homes' go through it. */
  poolerUrl?: string;
  encryptionKey: string;
  /** Another key that secrets may be sealed with, while keys are changed. */
  oldEncryptionKey?: string;
  tenantRoles: boolean;
  homes: number;
  migrations: { registry: MigrationClass[]; cluster: MigrationClass[] };
}

/** The cluster that the registry itself lives on, and the first that takes tenants. */
export const MAIN_CLUSTER = 'main';
export const MAIN_DATABASE = 'The database of DATABASE_URL';

/**
 * Brings the database of DATABASE_URL up to date: the registry in `public`, and everything that a cluster needs.
 *
 * @throws OperatorError with the way out: server too old, no right to create roles, another key, a copy of a registry,
 * a database of before the baseline, a login with too many rights
 */
export async function prepareDatabase(options: PrepareOptions): Promise<PreparedCluster> {
  const { url, dataDir, migrations, tenantRoles } = options;
  const owner = await openOwner(url, MAIN_DATABASE, tenantRoles);
  try {
    await checkBaseline(owner, 'public', migrations.registry, MAIN_DATABASE, dataDir);
    await checkBaseline(owner, 'platform', migrations.cluster, MAIN_DATABASE, dataDir);
    await demandOriginal(owner);
    await runMigrations(url, 'public', migrations.registry);
    await checkKeys(owner, options);
    await settleIncarnation(owner);
    const names = loginNames(await installationId(owner));
    const prepared = await prepareCluster(owner, {
      ...options,
      name: MAIN_CLUSTER,
      names,
      loginSecret: await loginSecret(owner, options),
      // Tenants stay where they were put: fewer homes in the settings are a matter of new tenants only.
      homes: Math.max(options.homes, await homesInUse(owner)),
      migrations: migrations.cluster,
    });
    await installJobs(owner, prepared.platformLogin);
    return prepared;
  } finally {
    await owner.end().catch(() => undefined);
  }
}

/** The same for a further database that holds tenants: no registry, everything else. */
export async function prepareOtherCluster(
  { name, url, homes }: ClusterAddress,
  main: PreparedCluster,
  options: PrepareOptions,
): Promise<PreparedCluster> {
  // As it is now: it goes on while this process runs.
  const { incarnation: registry } = await readClusters(main.ownerUrl);
  const what = `The database of cluster ${name}`;
  const owner = await openOwner(url, what, options.tenantRoles);
  try {
    await checkBaseline(owner, 'platform', options.migrations.cluster, what);
    await demandObedience(owner, name, registry);
    const prepared = await prepareCluster(owner, {
      ...options,
      name,
      url,
      // Whoever brings a login brings it to every server.
      appUrl: options.appUrl && withLoginOf(url, options.appUrl),
      // It stands before the main cluster's database alone.
      poolerUrl: undefined,
      names: main.names,
      loginSecret: main.loginSecret,
      homes: Math.max(options.homes, homes),
      migrations: options.migrations.cluster,
    });
    await settleObedience(owner, registry);
    return prepared;
  } finally {
    await owner.end().catch(() => undefined);
  }
}

/**
 * Before anything is changed: with other keys nobody could sign in, and what is sealed from then on would open nowhere else.
 * Resealing does the signing keys last of all, so they stand for everything that is sealed.
 */
async function checkKeys(owner: pg.Client, { encryptionKey, oldEncryptionKey }: PrepareOptions): Promise<void> {
  const { rows } = await owner.query<{ sealed: string }>(
    `SELECT private_key AS sealed FROM public.signing_keys
      UNION ALL SELECT value #>> '{}' FROM public.system_settings WHERE key = $1`,
    [LOGIN_SECRET.key],
  );
  const known = [encryptionKey, oldEncryptionKey].flatMap((key) => (key === undefined ? [] : [keyIdOf(key)]));
  const unknown = rows.map((row) => sealedWith(row.sealed)).find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new OperatorError(
    `ENCRYPTION_KEY is not the one that this database was set up with (it has the id ${keyIdOf(encryptionKey)}, the database wants ${unknown}).\n` +
      'Start with the key of the other instances; with the embedded server it is kept in encryption.key in DATA_DIR.\n' +
      'To change it, give the one before as OLD_ENCRYPTION_KEY and run: projectflow key reseal. Nothing was changed.',
  );
}

/**
 * What the passwords of the logins are derived from. A secret of its own, so that a change of ENCRYPTION_KEY leaves running
 * instances their logins. Databases that are older than it keep the passwords that they have.
 */
async function loginSecret(owner: pg.Client, { encryptionKey, oldEncryptionKey }: PrepareOptions): Promise<string> {
  const box = new SecretBox(encryptionKey, oldEncryptionKey);
  const { rows: keys } = await owner.query<{ sealed: string }>(
    'SELECT private_key AS sealed FROM public.signing_keys LIMIT 1',
  );
  const [older] = keys;
  // Whichever it was sealed with was checked to be one of the two.
  const derivedFrom = older && sealedWith(older.sealed) !== box.keyId ? oldEncryptionKey! : encryptionKey;
  await owner.query(
    'INSERT INTO public.system_settings (key, value) VALUES ($1, to_jsonb($2::text)) ON CONFLICT DO NOTHING',
    [LOGIN_SECRET.key, box.seal(older ? derivedFrom : randomBytes(32).toString('base64'), LOGIN_SECRET.place)],
  );
  const { rows } = await owner.query<{ value: string }>('SELECT value FROM public.system_settings WHERE key = $1', [
    LOGIN_SECRET.key,
  ]);
  return box.open(rows[0]!.value, LOGIN_SECRET.place);
}

/** Eight hex digits that tell this installation's roles from another's on the same server. */
async function installationId(owner: pg.Client): Promise<string> {
  await owner.query(
    `INSERT INTO public.system_settings (key, value) VALUES ('installation', to_jsonb($1::text)) ON CONFLICT DO NOTHING`,
    [randomBytes(4).toString('hex')],
  );
  const { rows } = await owner.query<{ value: string }>(
    `SELECT value FROM public.system_settings WHERE key = 'installation'`,
  );
  return rows[0]!.value;
}

async function homesInUse(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ homes: number }>(
    `SELECT 1 + greatest((SELECT max(home) FROM public.tenants), (SELECT max(home) FROM public.ready_schemas)) AS homes`,
  );
  return rows[0]?.homes ?? 0;
}
