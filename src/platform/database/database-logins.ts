import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { OperatorError } from '../errors/app-error.ts';
import { sqlState } from './database-problem.ts';

/** How this installation's roles are called on the server. Roles are shared by all databases of a server, hence the id. */
export interface LoginNames {
  /** Tells this installation from others that share a server. */
  installation: string;
  registry: string;
  home(home: number): string;
  tenantRole(schema: string): string;
}

export function loginNames(installation: string): LoginNames {
  const prefix = `pf_${installation}`;
  return {
    installation: prefix,
    registry: `${prefix}_registry`,
    home: (home) => `${prefix}_home_${home}`,
    // Ends with the schema's name: the outbox's row security ties a row to the role by it.
    tenantRole: (schema) => `${prefix}_${schema}`,
  };
}

/** Where the secret that passwords are derived from is kept, sealed under ENCRYPTION_KEY. */
export const LOGIN_SECRET = { key: 'login_secret', place: 'public.system_settings.login_secret' };

/** Derived, not stored: every instance that has the secret knows the passwords. @param secret base64 */
export function loginPassword(secret: string, login: string): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(`database login ${login}`).digest('hex');
}

export function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

/** The server and database of one URL with the login of another. */
export function withLoginOf(url: string, other: string): string {
  const { username, password } = new URL(other);
  return withLogin(url, decodeURIComponent(username), decodeURIComponent(password));
}

/** The same login and password at the pooler's address. */
export function throughPooler(url: string, poolerUrl: string | undefined): string {
  return poolerUrl === undefined ? url : withLoginOf(poolerUrl, url);
}

/** What a connection of this login may last and wait; `search_path` holds the extensions alone, so that an unqualified name reaches nothing. */
const LOGIN_SETTINGS: Record<string, string> = {
  search_path: 'extensions',
  statement_timeout: '5s',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '10s',
  // What is looked up under a lock must be as it is when the lock was given, whatever the server's or database's own default is.
  default_transaction_isolation: 'read committed',
};

const INSUFFICIENT_PRIVILEGE = '42501';

export interface LoginPlan {
  names: LoginNames;
  homes: number;
  loginSecret: string;
  /** The role that DATABASE_APP_URL logs in with, when the operator brings one. */
  appLogin?: string;
  tenantRoles: boolean;
}

/** Makes or mends the unprivileged logins and what they may touch. Idempotent; runs as the owner. */
export async function ensureLogins(owner: pg.ClientBase, plan: LoginPlan): Promise<void> {
  const { rows } = await owner.query<{ database: string }>('SELECT current_database() AS database');
  const database = owner.escapeIdentifier(rows[0]!.database);
  if (plan.tenantRoles && !plan.appLogin) {
    const logins = [plan.names.registry, ...Array.from({ length: plan.homes }, (_, home) => plan.names.home(home))];
    for (const login of logins) await ensureLogin(owner, login, loginPassword(plan.loginSecret, login), database);
  }
  if (plan.appLogin) await applySettings(owner, plan.appLogin, database);
  const registry = plan.appLogin ?? (plan.tenantRoles ? plan.names.registry : null);
  if (registry) await grantRegistry(owner, registry);
  await harden(owner, database);
}

async function ensureLogin(owner: pg.ClientBase, login: string, password: string, database: string): Promise<void> {
  const { rowCount } = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login]);
  const name = owner.escapeIdentifier(login);
  // No word about CREATEDB: naming it takes CREATEDB itself, and without it is the default.
  const attributes = `LOGIN NOINHERIT NOCREATEROLE PASSWORD ${owner.escapeLiteral(password)}`;
  await owner.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${name} ${attributes}`);
  await owner.query(`GRANT CONNECT ON DATABASE ${database} TO ${name}`);
  await applySettings(owner, login, database);
}

/** @throws OperatorError with the statements to run, where the owner may not change the login that the operator brings */
async function applySettings(owner: pg.ClientBase, login: string, database: string): Promise<void> {
  const { rows } = await owner.query<{ setting: string }>(
    `SELECT unnest(setconfig) AS setting FROM pg_db_role_setting
      WHERE setrole = $1::regrole AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [owner.escapeIdentifier(login)],
  );
  const set = new Set(rows.map((row) => row.setting));
  const missing = Object.entries(LOGIN_SETTINGS)
    .filter(([key, value]) => !set.has(`${key}=${value}`))
    .map(
      ([key, value]) => `ALTER ROLE ${owner.escapeIdentifier(login)} IN DATABASE ${database} SET ${key} = '${value}'`,
    );
  for (const statement of missing) {
    await owner.query(statement).catch((error: unknown) => {
      if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
      throw new OperatorError(
        `The login of DATABASE_URL may not change the login "${login}". Run once, as a role that may:\n  ${missing.join(';\n  ')};`,
      );
    });
  }
}

/** The same for a login whose own settings are not ours to change: asked for with every connection. */
export function withSettings(url: string): string {
  const changed = new URL(url);
  const settings = Object.entries(LOGIN_SETTINGS).map(([key, value]) => `-c ${key}=${value.replaceAll(' ', '\\ ')}`);
  changed.searchParams.set('options', [changed.searchParams.get('options'), ...settings].filter(Boolean).join(' '));
  return changed.toString();
}

/** The schema public holds the registry on the main cluster, and nothing of ours on the others. */
async function grantRegistry(owner: pg.ClientBase, login: string): Promise<void> {
  const name = owner.escapeIdentifier(login);
  await owner.query(`GRANT USAGE ON SCHEMA public, platform TO ${name}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, platform TO ${name}`);
  for (const table of await withRowSecurity(owner)) {
    await owner.query(`DROP POLICY IF EXISTS relay ON ${table}`);
    await owner.query(`CREATE POLICY relay ON ${table} TO ${name} USING (true) WITH CHECK (true)`);
  }
}

/** Tables in which each tenant comes to its own rows, and the registry's login to all: also where it stands in for the homes, and tenants have no roles. */
async function withRowSecurity(owner: pg.ClientBase): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'platform'::regnamespace AND relrowsecurity ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

/** Takes away what PostgreSQL gives to everybody and a tenant has no use for. */
async function harden(owner: pg.ClientBase, database: string): Promise<void> {
  await owner.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  // These need more than an ordinary owner has on a managed server. The statement guard refuses all of them as well.
  for (const statement of [
    `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`,
    'REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC',
    // Large objects lie in no schema: a tenant's would go neither with it nor into its exports, and count for nobody.
    `DO $$ DECLARE each regprocedure; BEGIN
       FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|loread$|lowrite$)' LOOP
         EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each);
       END LOOP;
     END $$`,
  ]) {
    await owner.query('SAVEPOINT hardening');
    await owner.query(statement).then(
      () => owner.query('RELEASE SAVEPOINT hardening'),
      () => owner.query('ROLLBACK TO SAVEPOINT hardening'),
    );
  }
}

/**
 * What a runtime login may do beyond SET ROLE to its tenants: read one without a bind, hand a tenant's role on, or act as
 * somebody who reads all. Also through other roles that it is a member of. The start refuses such a login.
 */
export async function overprivileged(
  owner: pg.ClientBase,
  logins: string[],
  tenantRolePrefix: string,
): Promise<string[]> {
  const { rows } = await owner.query<{ problem: string }>(
    `WITH RECURSIVE reach (login, role, inherits) AS (
       SELECT rolname, oid, true FROM pg_roles WHERE rolname = ANY ($1)
        UNION
       SELECT login, m.roleid, inherits AND m.inherit_option FROM reach JOIN pg_auth_members m ON m.member = role
     )
     SELECT login || ' inherits ' || rolname AS problem FROM reach JOIN pg_roles ON oid = role
      WHERE inherits AND starts_with(rolname, $2)
      UNION
     SELECT login || ' has ' || rolname || ' WITH ADMIN' FROM reach
       JOIN pg_auth_members m ON m.member = role AND m.admin_option
       JOIN pg_roles granted ON granted.oid = m.roleid
      WHERE starts_with(rolname, $2)
      UNION
     SELECT login || ' can act as ' || rolname FROM reach JOIN pg_roles ON oid = role
      WHERE rolname IN (current_user, 'pg_read_all_data', 'pg_write_all_data') OR (rolname <> login AND (rolsuper OR rolbypassrls))
      UNION
     SELECT rolname || ' is a superuser or bypasses row security' FROM pg_roles
      WHERE rolname = ANY ($1) AND (rolsuper OR rolbypassrls)
      LIMIT 5`,
    [logins, tenantRolePrefix],
  );
  return rows.map((row) => row.problem);
}
