/** What placement looks at. */
export interface Candidate {
  name: string;
  region: string | null;
  plans: string[];
  capacity: number;
  dedicated: boolean;
  accepts: boolean;
  tenants: number;
}

export interface Wish {
  plan: string;
  /** Null: anywhere. A tenant that asks for a region is never placed outside it: its data must stay there. */
  region: string | null;
}

/**
 * The cluster for a new tenant: of those that take its plan and lie in its region the least full, measured against its
 * capacity. When all are full the least full one is taken all the same: a crowded database is better than no sign-up,
 * and `tenant doctor` says so. Null when none qualifies.
 */
export function choosePlace<C extends Candidate>(clusters: C[], { plan, region }: Wish): C | null {
  const fullness = (cluster: C) => cluster.tenants / cluster.capacity;
  const [best] = clusters
    .filter(
      (cluster) =>
        cluster.accepts &&
        !cluster.dedicated &&
        (cluster.plans.length === 0 || cluster.plans.includes(plan)) &&
        (region === null || cluster.region === region),
    )
    .sort((a, b) => fullness(a) - fullness(b));
  return best ?? null;
}
