import { createHash } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { OperatorError } from '../errors/app-error.ts';
import {
  ensureLogins,
  loginPassword,
  overprivileged,
  throughPooler,
  withLogin,
  withSettings,
  type LoginNames,
} from './database-logins.ts';
import { keepDays } from './day-partitions.ts';
import { OBEYS } from './incarnation.ts';
import type { MigrationClass } from './migration-recorder.ts';
import { prepareTextSearch } from './text-search.ts';

export interface ClusterOptions {
  name: string;
  /** Owner login. */
  url: string;
  /** Unprivileged login that the operator brings, for clusters whose owner may not create logins. */
  appUrl?: string;
  /** A pooler in transaction mode, for the logins that serve requests. */
  poolerUrl?: string;
  /** What the passwords of the logins are derived from. */
  loginSecret: string;
  tenantRoles: boolean;
  /** Homes to make logins for. */
  homes: number;
  names: LoginNames;
  migrations: MigrationClass[];
}

/** A database that holds tenants, migrated and guarded, and how to log in to it for each kind of work. */
export interface PreparedCluster {
  name: string;
  /** Homes that are in use or asked for: all of them share the connections for tenant work. */
  homes: number;
  ownerUrl: string;
  /** For the schema `platform`, and on the main cluster for the registry. */
  platformUrl: string;
  /** The same login for what belongs to one connection, such as LISTEN: always the database itself. */
  listenUrl: string;
  /** Null where that is the owner's. */
  platformLogin: string | null;
  homeUrl(home: number): string;
  names: LoginNames;
  loginSecret: string;
  tenantRoles: boolean;
  /** The login that gets a new tenant's role (roles on) or its schema's privileges (roles off). */
  homeLogin(home: number): string;
}

const OLDEST_SERVER = 160_000;
/** Raised when more is taken away from the logins, so that a new release does it on databases that are prepared already. */
const HARDENING = 3;
const PREPARE_LOCK = 0x70_66_6c_77;

/**
 * A connection of the owner that holds the lock under which a database is prepared: several instances may start at once,
 * and one does the work.
 *
 * @throws OperatorError with the way out: no answer, server too old, no right to create roles
 */
export async function openOwner(url: string, what: string, tenantRoles: boolean): Promise<pg.Client> {
  const owner = new pg.Client({
    connectionString: url,
    application_name: 'projectflow prepare',
    connectionTimeoutMillis: 10_000,
  });
  owner.on('error', () => undefined);
  await owner.connect().catch((error: Error) => {
    throw new OperatorError(`${what} does not answer: ${error.message}. Check host, port, name and password.`);
  });
  try {
    await checkServer(owner, what, tenantRoles);
    await owner.query('SELECT pg_advisory_lock($1)', [PREPARE_LOCK]);
    return owner;
  } catch (error) {
    await owner.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Brings what a cluster shares up to date: schema `platform` migrated, logins made, what everybody may do by default
 * taken away. Runs under the lock of `openOwner`.
 *
 * @throws OperatorError when the database belongs to another installation, or a login may do too much
 */
export async function prepareCluster(owner: pg.Client, options: ClusterOptions): Promise<PreparedCluster> {
  await owner.query('CREATE SCHEMA IF NOT EXISTS platform');
  await owner.query('CREATE SCHEMA IF NOT EXISTS extensions');
  await owner.query('GRANT USAGE ON SCHEMA extensions TO PUBLIC');
  await prepareTextSearch(owner, options.name);
  await runMigrations(options.url, 'platform', options.migrations);
  await keepDays(owner);
  await claim(owner, options);
  await guardLogins(owner, options);
  return describe(options);
}

/**
 * A ledger without the first migration of this release is another product's or that of a development version from before
 * the baseline. One that goes further than this release is a newer release's, and is worked with: a release can be taken back.
 *
 * @param dataDir folder of the embedded server; undefined with DATABASE_URL
 * @throws OperatorError before anything is changed
 */
export async function checkBaseline(
  owner: pg.ClientBase,
  schema: 'public' | 'platform',
  [baseline]: MigrationClass[],
  what: string,
  dataDir?: string,
): Promise<void> {
  const { rows: tables } = await owner.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    `${schema}.migrations`,
  ]);
  if (!tables[0]!.there || !baseline) return;
  const { rows } = await owner.query<{ name: string; known: boolean }>(
    `SELECT name, EXISTS (SELECT 1 FROM ${schema}.migrations WHERE name = $1) AS known
       FROM ${schema}.migrations ORDER BY "timestamp", id LIMIT 1`,
    [baseline.name],
  );
  if (!rows[0] || rows[0].known) return;
  throw new OperatorError(
    `${dataDir === undefined ? what : `The embedded database in ${dataDir}`} was made by an earlier development version: ${schema}.migrations begins with ${rows[0].name}, and this release with ${baseline.name}. It cannot be brought forward, and nothing was changed.\n` +
      (dataDir === undefined
        ? 'Give a new, empty database; what the old one holds can be read with the version that made it.'
        : `Set DATA_DIR to another folder, or delete ${dataDir} if nothing in it is needed any more.`),
  );
}

export async function runMigrations(url: string, schema: string, migrations: MigrationClass[]): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    schema,
    migrations,
    installExtensions: false,
    poolSize: 1,
    // Behind a waiting ALTER every reader would queue: the start fails instead, and is tried again.
    extra: { lock_timeout: 5_000 },
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}

async function checkServer(owner: pg.Client, what: string, tenantRoles: boolean): Promise<void> {
  const { rows } = await owner.query<{ version: number; name: string; may_create_roles: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version, rolname AS name, rolsuper OR rolcreaterole AS may_create_roles
       FROM pg_roles WHERE rolname = current_user`,
  );
  const { version, name, may_create_roles: mayCreateRoles } = rows[0]!;
  if (version < OLDEST_SERVER) {
    throw new OperatorError(
      `PostgreSQL 16 or newer is needed (grants WITH INHERIT FALSE); this server reports ${version}.`,
    );
  }
  if (tenantRoles && !mayCreateRoles) {
    throw new OperatorError(
      `The login "${name}" of ${what.replace(/^The/, 'the')} may not create roles, and every tenant gets one.\n` +
        `Either let it, as a superuser:  ALTER ROLE "${name}" CREATEROLE;\n` +
        'or set TENANT_ROLES=off: isolation then rests on the schema names alone, without the database as second guard.',
    );
  }
}

/**
 * Two installations in one database would take each other's schemas for orphans, and so would two clusters of one.
 *
 * @throws OperatorError
 */
async function claim(owner: pg.Client, { name, names }: ClusterOptions): Promise<void> {
  const installation = await settle(owner, 'installation', names.installation);
  if (installation !== names.installation)
    throw new OperatorError(
      `The database of cluster ${name} belongs to another installation (${installation}; this one is ${names.installation}). Give the cluster a database of its own.`,
    );
  const cluster = await settle(owner, CLUSTER_SETTING, name);
  if (cluster !== name)
    throw new OperatorError(
      `The database of cluster ${name} is that of the cluster ${cluster}. Give the cluster a database of its own.`,
    );
}

/** The cluster whose database it is; nobody's when it was taken out of use. */
const CLUSTER_SETTING = 'cluster';

/** What stands there first, stays. */
async function settle(owner: pg.Client, key: string, value: string): Promise<string> {
  const { rows } = await owner.query<{ value: string }>(
    `INSERT INTO platform.settings (key, value) VALUES ($1, to_jsonb($2::text))
     ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING value`,
    [key, value],
  );
  return rows[0]!.value;
}

/** Takes back that a database is this cluster's, so that it may become another one's. */
export async function disclaim(owner: pg.Pool): Promise<void> {
  await owner.query('DELETE FROM platform.settings WHERE key = ANY ($1)', [[CLUSTER_SETTING, OBEYS]]);
}

function describe({
  name,
  url,
  appUrl,
  poolerUrl,
  loginSecret,
  tenantRoles,
  homes,
  names,
}: ClusterOptions): PreparedCluster {
  const ownerLogin = decodeURIComponent(new URL(url).username);
  const own = (login: string) => withLogin(url, login, loginPassword(loginSecret, login));
  const platform = appUrl ?? (tenantRoles ? own(names.registry) : url);
  return {
    name,
    homes,
    ownerUrl: url,
    platformUrl: throughPooler(platform, poolerUrl),
    listenUrl: platform,
    platformLogin: loginOf(appUrl) ?? (tenantRoles ? names.registry : null),
    homeUrl: (home) => throughPooler(appUrl ?? (tenantRoles ? own(names.home(home)) : withSettings(url)), poolerUrl),
    homeLogin: (home) => loginOf(appUrl) ?? (tenantRoles ? names.home(home) : ownerLogin),
    names,
    loginSecret,
    tenantRoles,
  };
}

function loginOf(url: string | undefined): string | undefined {
  return url ? decodeURIComponent(new URL(url).username) : undefined;
}

async function guardLogins(owner: pg.Client, options: ClusterOptions): Promise<void> {
  const { names, tenantRoles, homes } = options;
  const appLogin = loginOf(options.appUrl);
  const logins = appLogin
    ? [appLogin]
    : tenantRoles
      ? [names.registry, ...Array.from({ length: homes }, (_, home) => names.home(home))]
      : [];
  const state = await stateOfLogins(owner, options, logins);
  const { rows } = await owner.query<{ value: string }>(`SELECT value FROM platform.settings WHERE key = 'logins'`);
  if (rows[0]?.value !== state) {
    await owner.query('BEGIN');
    await ensureLogins(owner, { ...options, appLogin });
    const done = await stateOfLogins(owner, options, logins);
    await owner.query(
      `INSERT INTO platform.settings (key, value) VALUES ('logins', to_jsonb($1::text))
       ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      [done],
    );
    await owner.query('COMMIT');
  }
  const problems = tenantRoles ? await overprivileged(owner, logins, names.tenantRole('t_')) : [];
  if (problems.length > 0) {
    throw new OperatorError(
      `A login that serves requests can do too much, so one tenant could reach another:\n  ${problems.join('\n  ')}\n` +
        'Revoke it (REVOKE role FROM login, or ALTER ROLE login NOSUPERUSER NOBYPASSRLS) and start again.',
    );
  }
}

/** Changes when the logins must be looked at again: other secret, other migrations, other homes, a role that is gone. */
async function stateOfLogins(owner: pg.Client, options: ClusterOptions, logins: string[]): Promise<string> {
  const { rows } = await owner.query<{ found: number; tables: string[] }>(
    `SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname = ANY ($1)) AS found,
            ARRAY (SELECT oid::regclass::text FROM pg_class
                    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace IN ('public'::regnamespace, 'platform'::regnamespace) ORDER BY 1) AS tables`,
    [logins],
  );
  const { loginSecret, tenantRoles } = options;
  const facts = [HARDENING, loginSecret, tenantRoles, logins, rows[0]!.found, rows[0]!.tables];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
