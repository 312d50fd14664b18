import type pg from 'pg';
import type { TenantBinding } from '../platform/database/lease.ts';
import { HELD, concerns, differs } from './fleet.queries.ts';
import type { FleetWork } from './fleet.types.ts';

/** However alive a run looks, nobody holds a tenant for longer. */
const LEASE = '10 minutes';

export interface Claimed {
  id: string;
  slug: string;
  schemaVersion: number;
  binding: TenantBinding;
}

/** What one run holds. Two runs never hold the same tenant, and what a run held that is no longer alive is free at once. */
export class FleetClaims {
  /** @param holder names the run; behind `#` stands the key of the advisory lock that it holds on this connection */
  constructor(
    private readonly registry: pg.ClientBase,
    private readonly work: FleetWork,
    private readonly version: number,
    private readonly holder: string,
  ) {}

  /** Takes some tenants for this run, those first whom somebody asked for in vain. */
  async take(options: { slugs?: string[]; not: string[]; away: string[]; count: number }): Promise<Claimed[]> {
    const { rows } = await this.registry.query<{
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
      [this.version, options.slugs ?? null, options.not, this.holder, options.count, options.away],
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

  async give(id: string): Promise<void> {
    await this.registry.query(
      'UPDATE public.tenants SET migration_holder = NULL, migration_lease_until = NULL WHERE id = $1 AND migration_holder = $2',
      [id, this.holder],
    );
  }

  async giveAll(): Promise<void> {
    await this.registry.query(
      'UPDATE public.tenants SET migration_holder = NULL, migration_lease_until = NULL WHERE migration_holder = $1',
      [this.holder],
    );
  }

  /** Unless the work was done after all, and only the answer lost. */
  async recordFailure(id: string, error: string): Promise<void> {
    await this.registry.query(
      `UPDATE public.tenants t SET migration_error = $2, migration_holder = NULL, migration_lease_until = NULL
        WHERE id = $1 AND t.schema_version ${differs(this.work)} $3`,
      [id, error, this.version],
    );
  }
}
