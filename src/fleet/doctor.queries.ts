import type { EntityManager } from 'typeorm';
import type pg from 'pg';
import type { TenantStatus } from '../platform/tenancy/tenant.types.ts';

/** A schema that the registry knows, and as whose. */
export interface KnownSchema {
  schema: string;
  cluster: string;
  as: 'tenant' | 'ready' | 'making' | 'copy';
  /** Of a tenant's alone. */
  slug: string | null;
  status: TenantStatus | null;
}

/** Everything that the registry knows at one moment: a schema that changes hands meanwhile is in it once. */
export async function readKnownSchemas(registry: EntityManager): Promise<KnownSchema[]> {
  return registry.query(
    `SELECT schema_name AS schema, cluster, 'tenant' AS as, slug, status FROM public.tenants
      UNION ALL
     SELECT schema_name, cluster, state, NULL, NULL FROM public.ready_schemas
      UNION ALL
     SELECT place ->> 'schema', place ->> 'cluster', 'copy', NULL, NULL
       FROM public.tenant_moves CROSS JOIN LATERAL (VALUES (from_place), (to_place)) AS places (place)
      WHERE state IN ('copying', 'switched') AND place IS NOT NULL`,
  );
}

/** Schemas of tenants in a cluster's database, by what their names look like. */
export async function listSchemas(owner: pg.Pool): Promise<string[]> {
  const { rows } = await owner.query<{ schema: string }>(
    `SELECT nspname AS schema FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{16}$' ORDER BY 1`,
  );
  return rows.map((row) => row.schema);
}

/** Roles of this installation's tenants on a cluster's server; the end of each is its schema's name. */
export async function listRoles(owner: pg.Pool, prefix: string): Promise<string[]> {
  const { rows } = await owner.query<{ role: string }>(
    `SELECT rolname AS role FROM pg_roles WHERE starts_with(rolname, $1) ORDER BY 1`,
    [prefix],
  );
  return rows.map((row) => row.role);
}

/** The logins that may enter as each role. */
export async function readHomes(owner: pg.ClientBase, roles: string[]): Promise<Map<string, string[]>> {
  const { rows } = await owner.query<{ role: string; logins: string[] }>(
    `SELECT r.rolname AS role, array_agg(m.rolname::text ORDER BY m.rolname) FILTER (WHERE m.rolname IS NOT NULL AND g.set_option) AS logins
       FROM pg_roles r LEFT JOIN pg_auth_members g ON g.roleid = r.oid LEFT JOIN pg_roles m ON m.oid = g.member AND m.rolcanlogin
      WHERE r.rolname = ANY ($1) GROUP BY r.rolname`,
    [roles],
  );
  return new Map(rows.map(({ role, logins }) => [role, logins ?? []]));
}

/** Tells one server from another: databases of the same one share their roles. */
export async function serverOf(owner: pg.Pool): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `SELECT pg_postmaster_start_time()::text || ' ' || coalesce(inet_server_addr()::text, '') || ' ' || coalesce(inet_server_port()::text, '') AS id`,
  );
  return rows[0]!.id;
}

/** The ledger of each schema that has one, oldest line first. */
export async function readLedgers(owner: pg.ClientBase, schemas: string[]): Promise<Map<string, number[]>> {
  const { rows } = await owner.query<{ schema: string; ledger: string | null }>(
    // One statement for many schemas: the name of a table cannot be a parameter, and a query that is text can be run as XML.
    `SELECT schema, (xpath('/row/ledger/text()', query_to_xml(
              format('SELECT string_agg("timestamp"::text, %L ORDER BY "timestamp") AS ledger FROM %I.migrations', ' ', schema), false, true, '')))[1]::text AS ledger
       FROM unnest($1::text[]) AS schema WHERE to_regclass(format('%I.migrations', schema)) IS NOT NULL`,
    [schemas],
  );
  return new Map(rows.map((row) => [row.schema, (row.ledger ?? '').split(' ').filter(Boolean).map(Number)]));
}

export async function countGivenUp(platform: pg.Pool, attempts: number): Promise<number> {
  const { rows } = await platform.query<{ events: number }>(
    'SELECT count(*)::int AS events FROM platform.outbox WHERE attempts >= $1',
    [attempts],
  );
  return rows[0]!.events;
}
