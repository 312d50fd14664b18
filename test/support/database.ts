import pg from 'pg';
import { randomBytes } from 'node:crypto';

export interface TestDatabase {
  /** Owner login. */
  url: string;
  name: string;
  /** Drops the database and the roles that were made for it. */
  drop(): Promise<void>;
}

/** The server that the run started. */
export function serverUrl(): string {
  const url = process.env['TEST_DATABASE_SERVER'];
  if (!url) throw new Error('tests below test/ run through `npm test`, which starts a database server for them');
  return url;
}

/** A database of its own, so that files can run side by side. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.toString(), name, drop: () => drop(name, url.toString()) };
}

async function drop(name: string, url: string): Promise<void> {
  const installation = await read<string>(
    url,
    `SELECT value #>> '{}' AS value FROM public.system_settings WHERE key = 'installation'`,
  );
  await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  if (!installation) return;
  const roles = await rolesOf(installation);
  // A statement each: dropping many roles in one takes more locks than a server has.
  for (const role of roles) await onServer(`DROP ROLE IF EXISTS "${role}"`);
}

async function rolesOf(installation: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    const { rows } = await client.query<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)',
      [`pf_${installation}_`],
    );
    return rows.map((row) => row.rolname);
  } finally {
    await client.end();
  }
}

async function read<T>(url: string, sql: string): Promise<T | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: T }>(sql);
    return rows[0]?.value ?? null;
  } catch {
    return null;
  } finally {
    await client.end();
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
