import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { keyIdOf, sealedWith } from '../crypto/secret-box.ts';
import { OperatorError } from '../errors/app-error.ts';
import { installJobs } from '../jobs/install-jobs.ts';
import type { ClusterAddress } from './clusters.ts';
import { loginNames, withLoginOf } from './database-logins.ts';
import type { MigrationClass } from './migration-recorder.ts';
import { openOwner, prepareCluster, runMigrations, type PreparedCluster } from './prepare-cluster.ts';

export interface PrepareOptions {
  /** Owner login. */
  url: string;
  appUrl?: string;
  /** Transaction-mode pooler in front of the same database, without a login: the registry's and the homes' go through it. */
  poolerUrl?: string;
  encryptionKey: string;
  tenantRoles: boolean;
  homes: number;
  migrations: { registry: MigrationClass[]; cluster: MigrationClass[] };
}

/** The cluster that the registry itself lives on, and the first that takes tenants. */
export const MAIN_CLUSTER = 'main';

/**
 * Brings the database of DATABASE_URL up to date: the registry in `public`, and everything that a cluster needs.
 *
 * @throws OperatorError with the way out: server too old, no right to create roles, another key, a login with too many rights
 */
export async function prepareDatabase(options: PrepareOptions): Promise<PreparedCluster> {
  const { url, migrations, encryptionKey, tenantRoles } = options;
  const owner = await openOwner(url, 'The database of DATABASE_URL', tenantRoles);
  try {
    await runMigrations(url, 'public', migrations.registry);
    await checkKey(owner, encryptionKey);
    const names = loginNames(await installationId(owner));
    const prepared = await prepareCluster(owner, {
      ...options,
      name: MAIN_CLUSTER,
      names,
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
  const owner = await openOwner(url, `The database of cluster ${name}`, options.tenantRoles);
  try {
    return await prepareCluster(owner, {
      ...options,
      name,
      url,
      // Whoever brings a login brings it to every server.
      appUrl: options.appUrl && withLoginOf(url, options.appUrl),
      // It stands before the main cluster's database alone.
      poolerUrl: undefined,
      names: main.names,
      homes: Math.max(options.homes, homes),
      migrations: options.migrations.cluster,
    });
  } finally {
    await owner.end().catch(() => undefined);
  }
}

/** Before anything is changed: with another key the logins of running instances would get passwords that they do not know. */
async function checkKey(owner: pg.Client, encryptionKey: string): Promise<void> {
  const { rows } = await owner.query<{ private_key: string }>('SELECT private_key FROM public.signing_keys LIMIT 1');
  const used = rows[0] && sealedWith(rows[0].private_key);
  if (!used || used === keyIdOf(encryptionKey)) return;
  throw new OperatorError(
    `ENCRYPTION_KEY is not the one that this database was set up with (it has the id ${keyIdOf(encryptionKey)}, the database wants ${used}).\n` +
      'Start with the key of the other instances; with the embedded server it is kept in encryption.key in DATA_DIR. Nothing was changed.',
  );
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
