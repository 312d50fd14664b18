import type pg from 'pg';
import type { TenantBinding } from '../platform/database/lease.ts';
import { concerns, differs, HELD } from './fleet.queries.ts';
import type { FleetWork } from './fleet.types.ts';

/** However alive a run looks, nobody holds a tenant for longer. */
const LEASE = '10 minutes';

export interface Claimed {
  id: string;
  slug: string;
  schemaVersion: number;
  binding: TenantBinding;
}

export interface Wanted {
  slugs?: string[];
  /** Ids of tenants that have failed in this run. */
  not: string[];
  /** Clusters that could not be reached in this run. */
  away: string[];
  count: number;
}

/** What one run holds, in the registry: no tenant is held by two of them, and what a dead one held is free at once. */
export class TenantClaims {
  /**
   * @param owner the connection whose lock says that the run is alive
   * @param holder ends with the key of that lock
   */
  constructor(
    private readonly owner: pg.ClientBase,
    private readonly work: FleetWork,
    private readonly version: number,
    private readonly holder: string,
  ) {}

  /** Some tenants for this run, those first whom somebody asked for in vain; none when nobody is left. */
  async take({ slugs, not, away, count }: Wanted): Promise<Claimed[]> {
    const { rows } = await this.owner.query<{
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
                      WHERE ${concerns(this.work)} AND t.id <> ALL ($3::uuid[]) AND t.cluster <> ALL ($6) AND NOT coalesce(${HELD}, false)
                      ORDER BY t.migration_wanted_at NULLS LAST, t.id LIMIT $5 FOR UPDATE SKIP LOCKED)
        RETURNING id, slug, cluster, schema_name, role_name, home, schema_version, migration_wanted_at AS wanted`,
      [this.version, slugs ?? null, not, this.holder, count, away],
    );
    // An UPDATE gives its rows in whatever order it found them.
    const order = ({ wanted }: { wanted: Date | null }) => wanted?.getTime() ?? Number.MAX_SAFE_INTEGER;
    return rows
      .sort((a, b) => order(a) - order(b))
      .map((row) => ({
        id: row.id,
        slug: row.slug,
        schemaVersion: Number(row.schema_version),
        binding: { cluster: row.cluster, schema: row.schema_name, role: row.role_name, home: row.home },
      }));
  }

  /** Writes the error down and lets the tenant go, unless the work was done after all and only the answer was lost. */
  async fail(id: string, error: string): Promise<void> {
    await this.owner.query(
      `UPDATE public.tenants t SET migration_error = $2, migration_holder = NULL, migration_lease_until = NULL
        WHERE id = $1 AND t.schema_version ${differs(this.work)} $3`,
      [id, error, this.version],
    );
  }

  /** Lets one go that was left alone. */
  async give(id: string): Promise<void> {
    await this.owner.query(
      'UPDATE public.tenants SET migration_holder = NULL, migration_lease_until = NULL WHERE id = $1 AND migration_holder = $2',
      [id, this.holder],
    );
  }

  /** Lets all go that the run still holds. */
  async release(): Promise<void> {
    await this.owner.query(
      'UPDATE public.tenants SET migration_holder = NULL, migration_lease_until = NULL WHERE migration_holder = $1',
      [this.holder],
    );
  }
}
