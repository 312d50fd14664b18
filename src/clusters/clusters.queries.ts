import type { EntityManager } from 'typeorm';

export interface ClusterSummary {
  name: string;
  region: string | null;
  plans: string[];
  capacity: number;
  dedicated: boolean;
  accepts: boolean;
  hasReplica: boolean;
  /** Tenants that live there, purged ones not counted. */
  tenants: number;
  /** Since when it does not answer, as far as some instance has noticed; null while it does. */
  awaySince: Date | null;
}

/** Addresses are sealed. */
export interface ClusterAddressRow {
  url: string | null;
  replicaUrl: string | null;
  homes: number;
}

export async function listClusters(registry: EntityManager): Promise<ClusterSummary[]> {
  return registry.query(
    `SELECT c.name, c.region, c.plans, c.capacity, c.dedicated, c.accepts, c.replica_url IS NOT NULL AS "hasReplica", c.away_since AS "awaySince",
            (SELECT count(*)::int FROM public.tenants t WHERE t.cluster = c.name) AS tenants
       FROM public.clusters c ORDER BY c.created_at, c.name`,
  );
}

/** Asked often: by the relay, each second. */
export async function listClusterNames(registry: EntityManager): Promise<string[]> {
  const rows = await registry.query<{ name: string }[]>('SELECT name FROM public.clusters ORDER BY created_at, name');
  return rows.map((row) => row.name);
}

export async function findClusterAddress(registry: EntityManager, name: string): Promise<ClusterAddressRow | null> {
  const rows = await registry.query<ClusterAddressRow[]>(
    `SELECT url, replica_url AS "replicaUrl",
            1 + coalesce(greatest((SELECT max(home) FROM public.tenants t WHERE t.cluster = c.name),
                                  (SELECT max(home) FROM public.ready_schemas r WHERE r.cluster = c.name)), -1) AS homes
       FROM public.clusters c WHERE name = $1`,
    [name],
  );
  return rows[0] ?? null;
}
