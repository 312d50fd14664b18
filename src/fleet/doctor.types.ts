/** What can be wrong between the registry, the clusters and the tenants' schemas. */
export type FindingKind =
  | 'cluster_unreachable'
  | 'cluster_full'
  | 'schema_without_tenant'
  | 'schema_set_aside'
  | 'tenant_without_schema'
  | 'ready_without_schema'
  | 'role_without_schema'
  | 'version_differs'
  | 'tenants_behind'
  | 'drift'
  | 'wrong_home'
  | 'half_made_tenant'
  | 'half_made_schema'
  | 'move_unfinished'
  | 'left_in_maintenance'
  | 'old_copy_kept'
  | 'purge_unfinished'
  | 'events_given_up';

export interface Finding {
  kind: FindingKind;
  cluster: string;
  /** A slug where there is a tenant, else a schema, role or cluster. */
  subject: string;
  message: string;
  /** What mends it: what `--fix` does, or what somebody has to do. */
  remedy: string;
  /** Null where somebody has to do it. */
  mend: (() => Promise<unknown>) | null;
}

export interface Examination {
  /** How much was looked at, so that "nothing found" means something. */
  looked: { clusters: number; tenants: number; schemas: number; roles: number };
  findings: Finding[];
}
