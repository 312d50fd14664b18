import type pg from 'pg';
import { createRequire } from 'node:module';

/** The schema of the queue's tables, in the registry's database. */
export const JOBS_SCHEMA = 'jobs';

/** The shape of the tables that the installed pg-boss works on. From its package.json: loading it all takes 50 ms. */
const SHAPE = (createRequire(import.meta.url)('pg-boss/package.json') as { pgboss: { schema: number } }).pgboss.schema;

/**
 * Makes the queue's tables or brings them to the shape that this release works on, and lets the login use them.
 * Idempotent; runs as the owner, under the lock that lets one of several instances prepare the database.
 *
 * @param login of the registry; null when that is the owner
 */
export async function installJobs(owner: pg.ClientBase, login: string | null): Promise<void> {
  const changed = await bringToShape(owner);
  if (login !== null && (changed || !(await mayUse(owner, login)))) await grant(owner, login);
}

async function bringToShape(owner: pg.ClientBase): Promise<boolean> {
  const found = await shapeOf(owner);
  // A newer one belongs to a newer release that is being rolled out: it is left alone.
  if (found !== null && found >= SHAPE) return false;
  const { getConstructionPlans, getMigrationPlans } = await import('pg-boss');
  await owner.query(found === null ? getConstructionPlans(JOBS_SCHEMA) : getMigrationPlans(JOBS_SCHEMA, found));
  return true;
}

async function shapeOf(owner: pg.ClientBase): Promise<number | null> {
  const { rows: tables } = await owner.query<{ there: boolean }>(
    `SELECT to_regclass('${JOBS_SCHEMA}.version') IS NOT NULL AS there`,
  );
  if (!tables[0]!.there) return null;
  const { rows } = await owner.query<{ version: number }>(`SELECT version FROM ${JOBS_SCHEMA}.version`);
  return rows[0]?.version ?? null;
}

async function mayUse(owner: pg.ClientBase, login: string): Promise<boolean> {
  const { rows } = await owner.query<{ may: boolean }>(
    `SELECT has_schema_privilege($1, '${JOBS_SCHEMA}', 'USAGE')
        AND has_table_privilege($1, '${JOBS_SCHEMA}.job', 'DELETE') AS may`,
    [login],
  );
  return rows[0]!.may;
}

async function grant(owner: pg.ClientBase, login: string): Promise<void> {
  const name = owner.escapeIdentifier(login);
  await owner.query(`GRANT USAGE ON SCHEMA ${JOBS_SCHEMA} TO ${name}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${JOBS_SCHEMA} TO ${name}`);
  await owner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${JOBS_SCHEMA} TO ${name}`);
}
