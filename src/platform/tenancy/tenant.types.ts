import type { TenantBinding } from '../database/lease.ts';

export type TenantStatus = 'provisioning' | 'active' | 'suspended' | 'maintenance' | 'deleted';

/** What a tenant's plan allows; null: as much as it likes. */
export interface TenantLimits {
  /** Active people. */
  users: number | null;
  /** Projects that are not deleted. */
  projects: number | null;
  /** Its tables and files, in bytes. */
  storageBytes: number | null;
  requestsPerMinute: number | null;
}

export const NO_LIMITS: TenantLimits = { users: null, projects: null, storageBytes: null, requestsPerMinute: null };

/** What the platform knows of a tenant: who it is, what it may and where it lives. */
export interface Tenant {
  id: string;
  slug: string;
  name: string;
  status: TenantStatus;
  plan: string;
  limits: TenantLimits;
  /** As it was last measured. */
  storageBytes: number;
  schemaVersion: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
  /** When a deleted one is removed for good. */
  purgeAfter: Date | null;
  binding: TenantBinding;
}

/**
 * Port to the registry of tenants, which a domain module keeps (the platform imports none). `null` when there is none.
 */
export abstract class TenantDirectory {
  /** Whether no tenant can ever have this slug, so that `api.example.com` names nobody. */
  abstract isReserved(slug: string): boolean;
  abstract findById(id: string): Promise<Tenant | null>;
  abstract findBySlug(slug: string): Promise<Tenant | null>;
  abstract findBySchema(schema: string): Promise<Tenant | null>;
  /** By a domain of its own that it has proved to be its. */
  abstract findByDomain(domain: string): Promise<Tenant | null>;
  /** By a slug that it had before it was renamed. */
  abstract findByFormerSlug(slug: string): Promise<Tenant | null>;
  /** As the registry has it now: for a tenant whose schema is behind, which the fleet's migration may have brought forward. */
  abstract refresh(tenant: Tenant): Promise<Tenant | null>;
  /** Notes that somebody was turned away because this tenant's schema is behind, so that it is migrated first. */
  abstract wantMigration(tenant: Tenant): void;
}
