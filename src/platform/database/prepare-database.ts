import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { keyIdOf, sealedWith } from '../crypto/secret-box.ts';
import { OperatorError } from '../errors/app-error.ts';
import { installJobs } from '../jobs/install-jobs.ts';
import {
  ensureLogins,
  loginNames,
  loginPassword,
  overprivileged,
  throughPooler,
  withLogin,
  withSettings,
  type LoginNames,
} from './database-logins.ts';
import type { MigrationClass } from './migration-recorder.ts';

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

/** A database that is migrated and guarded, and how to log in to it for each kind of work. */
export interface PreparedDatabase {
  /** Homes that are in use or asked for: all of them share the connections for tenant work. */
  homes: number;
  ownerUrl: string;
  registryUrl: string;
  /** The registry login for what belongs to one connection, such as LISTEN: always the database itself. */
  listenUrl: string;
  /** Null where the registry is used by the owner. */
  registryLogin: string | null;
  homeUrl(home: number): string;
  names: LoginNames;
  tenantRoles: boolean;
  /** The login that gets a new tenant's role (roles on) or its schema's privileges (roles off). */
  homeLogin(home: number): string;
}

const OLDEST_SERVER = 160_000;
const PREPARE_LOCK = 0x70_66_6c_77;

/**
 * Brings the shared part of a database up to date: registry and platform schema migrated, logins made, what everybody
 * may do by default taken away. Several instances may start at once; a lock lets one do the work.
 *
 * @throws OperatorError with the way out: server too old, no right to create roles, a login with too many rights
 */
export async function prepareDatabase(options: PrepareOptions): Promise<PreparedDatabase> {
  const owner = new pg.Client({ connectionString: options.url, application_name: 'projectflow prepare' });
  owner.on('error', () => undefined);
  await owner.connect().catch((error: Error) => {
    throw new OperatorError(
      `The database of DATABASE_URL does not answer: ${error.message}. Check host, port, name and password.`,
    );
  });
  try {
    await checkServer(owner, options);
    await owner.query('SELECT pg_advisory_lock($1)', [PREPARE_LOCK]);
    await migrate(owner, options);
    await checkKey(owner, options.encryptionKey);
    const names = loginNames(await installationId(owner));
    // Tenants stay where they were put: fewer homes in the settings are a matter of new tenants only.
    const all = { ...options, homes: Math.max(options.homes, await homesInUse(owner)) };
    await guardLogins(owner, all, names);
    const prepared = describe(all, names);
    await installJobs(owner, prepared.registryLogin);
    return prepared;
  } finally {
    await owner.end().catch(() => undefined);
  }
}

async function checkServer(owner: pg.Client, options: PrepareOptions): Promise<void> {
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
  if (options.tenantRoles && !mayCreateRoles) {
    throw new OperatorError(
      `The login "${name}" of DATABASE_URL may not create roles, and every tenant gets one.\n` +
        `Either let it, as a superuser:  ALTER ROLE "${name}" CREATEROLE;\n` +
        'or set TENANT_ROLES=off: isolation then rests on the schema names alone, without the database as second guard.',
    );
  }
}

async function migrate(owner: pg.Client, { url, migrations }: PrepareOptions): Promise<void> {
  await owner.query('CREATE SCHEMA IF NOT EXISTS platform');
  for (const [schema, classes] of [
    ['public', migrations.registry],
    ['platform', migrations.cluster],
  ] as const) {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      schema,
      migrations: classes,
      installExtensions: false,
      poolSize: 1,
    });
    await dataSource.initialize();
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await dataSource.destroy();
    }
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

function describe(options: PrepareOptions, names: LoginNames): PreparedDatabase {
  const { url, appUrl, encryptionKey, tenantRoles } = options;
  const appLogin = appUrl ? decodeURIComponent(new URL(appUrl).username) : undefined;
  const ownerLogin = decodeURIComponent(new URL(url).username);
  const own = (login: string) => withLogin(url, login, loginPassword(encryptionKey, login));
  const registryUrl = appUrl ?? (tenantRoles ? own(names.registry) : url);
  return {
    homes: options.homes,
    ownerUrl: url,
    registryUrl: throughPooler(registryUrl, options.poolerUrl),
    listenUrl: registryUrl,
    registryLogin: appLogin ?? (tenantRoles ? names.registry : null),
    homeUrl: (home) =>
      throughPooler(appUrl ?? (tenantRoles ? own(names.home(home)) : withSettings(url)), options.poolerUrl),
    homeLogin: (home) => appLogin ?? (tenantRoles ? names.home(home) : ownerLogin),
    names,
    tenantRoles,
  };
}

async function guardLogins(owner: pg.Client, options: PrepareOptions, names: LoginNames): Promise<void> {
  const appLogin = options.appUrl ? decodeURIComponent(new URL(options.appUrl).username) : undefined;
  const logins = appLogin
    ? [appLogin]
    : options.tenantRoles
      ? [names.registry, ...Array.from({ length: options.homes }, (_, home) => names.home(home))]
      : [];
  const state = await stateOfLogins(owner, options, logins);
  const { rows } = await owner.query<{ value: string }>(
    `SELECT value FROM public.system_settings WHERE key = 'logins'`,
  );
  if (rows[0]?.value !== state) {
    await owner.query('BEGIN');
    await ensureLogins(owner, { ...options, names, appLogin });
    const done = await stateOfLogins(owner, options, logins);
    await owner.query(
      `INSERT INTO public.system_settings (key, value) VALUES ('logins', to_jsonb($1::text))
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()`,
      [done],
    );
    await owner.query('COMMIT');
  }
  const problems = options.tenantRoles ? await overprivileged(owner, logins, names.tenantRole('t_')) : [];
  if (problems.length > 0) {
    throw new OperatorError(
      `A login that serves requests can do too much, so one tenant could reach another:\n  ${problems.join('\n  ')}\n` +
        'Revoke it (REVOKE role FROM login, or ALTER ROLE login NOSUPERUSER NOBYPASSRLS) and start again.',
    );
  }
}

async function homesInUse(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ homes: number }>(
    `SELECT 1 + greatest((SELECT max(home) FROM public.tenants), (SELECT max(home) FROM public.ready_schemas)) AS homes`,
  );
  return rows[0]?.homes ?? 0;
}

/** Changes when the logins must be looked at again: other key, other migrations, other homes, a role that is gone. */
async function stateOfLogins(owner: pg.Client, options: PrepareOptions, logins: string[]): Promise<string> {
  const { rows } = await owner.query<{ found: number }>(
    'SELECT count(*)::int AS found FROM pg_roles WHERE rolname = ANY ($1)',
    [logins],
  );
  const { encryptionKey, migrations, tenantRoles } = options;
  const facts = [
    encryptionKey,
    tenantRoles,
    logins,
    rows[0]!.found,
    [...migrations.registry, ...migrations.cluster].map((migration) => migration.name),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
