import type { EntityManager } from 'typeorm';
import type pg from 'pg';
import type { FleetStatus, FleetWork } from './fleet.types.ts';

/** Advisory locks of this class are held by runs that are alive; the second key is the run's. */
export const RUN_LOCKS = 0x70_66_6d;
/** Tenants that are being made, moved or purged are left alone. */
const CALM = `t.status NOT IN ('provisioning', 'maintenance') AND t.purge_started_at IS NULL`;

/** How the version of those whom the work concerns compares to the one that is aimed at. */
export const differs = (work: FleetWork) => (work.kind === 'migrate' ? '<' : '>');

/** Whom the work concerns: $1 is the version, $2 slugs or null. */
export function concerns(work: FleetWork): string {
  return `${CALM} AND t.schema_version ${differs(work)} $1 AND ($2::text[] IS NULL OR t.slug = ANY ($2))`;
}

/** Held by a run that is alive: its advisory lock is the last part of the holder's name. */
export const HELD = `t.migration_lease_until > now() AND EXISTS (
  SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${RUN_LOCKS}
     AND l.objid::text = split_part(t.migration_holder, '#', 2)
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

export async function countConcerned(owner: pg.ClientBase, work: FleetWork, version: number, slugs?: string[]) {
  const { rows } = await owner.query<{ tenants: number }>(
    `SELECT count(*)::int AS tenants FROM public.tenants t WHERE ${concerns(work)}`,
    [version, slugs ?? null],
  );
  return rows[0]!.tenants;
}

/** Versions of those whom the work concerns. */
export async function listVersionsConcerned(
  owner: pg.ClientBase,
  work: FleetWork,
  version: number,
  slugs?: string[],
): Promise<number[]> {
  const { rows } = await owner.query<{ version: number }>(
    `SELECT DISTINCT t.schema_version::float8 AS version FROM public.tenants t WHERE ${concerns(work)} ORDER BY 1`,
    [version, slugs ?? null],
  );
  return rows.map((row) => row.version);
}

export async function readStatus(registry: EntityManager, wantedVersion: number): Promise<FleetStatus> {
  const groups = await registry.query<FleetStatus['groups']>(
    `SELECT schema_version::float8 AS version, status, cluster, count(*)::int AS tenants FROM public.tenants
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
  const failed = await registry.query<FleetStatus['failed']>(
    `SELECT slug, migration_error AS error FROM public.tenants WHERE migration_error IS NOT NULL ORDER BY slug LIMIT 20`,
  );
  const [counts] = await registry.query<{ behind: number; wanted: number; held: number }[]>(
    `SELECT count(*) FILTER (WHERE ${CALM} AND t.schema_version < $1)::int AS behind,
            count(*) FILTER (WHERE t.migration_wanted_at IS NOT NULL AND t.schema_version < $1)::int AS wanted,
            count(*) FILTER (WHERE coalesce(${HELD}, false))::int AS held FROM public.tenants t`,
    [wantedVersion],
  );
  return {
    wantedVersion,
    tenants: groups.reduce((total, group) => total + group.tenants, 0),
    behind: counts!.behind,
    groups,
    wanted: counts!.wanted,
    atWork: counts!.held,
    failed,
  };
}
