import type { EntityManager } from 'typeorm';
import type pg from 'pg';
import type { TenantBinding } from '../platform/database/lease.ts';
import type { FleetStatus, FleetWork } from './fleet.types.ts';

/** Advisory locks of this class are held by runs that are alive; the second key is the run's. */
export const RUN_LOCKS = 0x70_66_6d;
/** However alive a run looks, nobody holds a tenant for longer. */
const LEASE = '10 minutes';

export interface Claimed {
  id: string;
  slug: string;
  schemaVersion: number;
  binding: TenantBinding;
}

/** Tenants that are being made, moved or purged are left alone. */
const CALM = `t.status NOT IN ('provisioning', 'maintenance') AND t.purge_started_at IS NULL`;

const differs = (work: FleetWork) => (work.kind === 'migrate' ? '<' : '>');

/** Whom the work concerns: $1 is the version, $2 slugs or null. */
function concerns(work: FleetWork): string {
  return `${CALM} AND t.schema_version ${differs(work)} $1 AND ($2::text[] IS NULL OR t.slug = ANY ($2))`;
}

/** Held by a run that is alive: its advisory lock is the last part of the holder's name. */
const HELD = `t.migration_lease_until > now() AND EXISTS (
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

/**
 * Takes some tenants for this run, those first whom somebody asked for in vain. Two runs never hold the same one, and what
 * a run held that is no longer alive is free at once.
 */
export async function claim(
  owner: pg.ClientBase,
  work: FleetWork,
  options: { version: number; slugs?: string[]; not: string[]; away: string[]; holder: string; count: number },
): Promise<Claimed[]> {
  const { rows } = await owner.query<{
    id: string;
    slug: string;
    cluster: string;
    schema_name: string;
    role_name: string | null;
    home: number;
    schema_version: string;
    wanted: Date | null;
  }>(
    `UPDATE public.tenants SET migration_holder = $4, migration_lease_until = now() + interval '${LEASE}'
      WHERE id IN (SELECT t.id FROM public.tenants t
                    WHERE ${concerns(work)} AND t.id <> ALL ($3::uuid[]) AND t.cluster <> ALL ($6) AND NOT coalesce(${HELD}, false)
                    ORDER BY t.migration_wanted_at NULLS LAST, t.id LIMIT $5 FOR UPDATE SKIP LOCKED)
      RETURNING id, slug, cluster, schema_name, role_name, home, schema_version, migration_wanted_at AS wanted`,
    [options.version, options.slugs ?? null, options.not, options.holder, options.count, options.away],
  );
  // An UPDATE gives its rows in whatever order it found them.
  const order = ({ wanted }: { wanted: Date | null }) => wanted?.getTime() ?? Infinity;
  const sorted = rows.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
  return sorted.map((row) => ({
    id: row.id,
    slug: row.slug,
    schemaVersion: Number(row.schema_version),
    binding: { cluster: row.cluster, schema: row.schema_name, role: row.role_name, home: row.home },
  }));
}

export async function release(owner: pg.ClientBase, holder: string): Promise<void> {
  await owner.query(
    'UPDATE public.tenants SET migration_holder = NULL, migration_lease_until = NULL WHERE migration_holder = $1',
    [holder],
  );
}

/** Unless the work was done after all, and only the answer lost. */
export async function recordFailure(
  owner: pg.ClientBase,
  { id, work, version }: { id: string; work: FleetWork; version: number },
  error: string,
): Promise<void> {
  await owner.query(
    `UPDATE public.tenants t SET migration_error = $2, migration_holder = NULL, migration_lease_until = NULL
      WHERE id = $1 AND t.schema_version ${differs(work)} $3`,
    [id, error, version],
  );
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
