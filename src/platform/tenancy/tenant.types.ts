import type { TenantBinding } from '../database/lease.ts';

export type TenantStatus = 'provisioning' | 'active' | 'suspended' | 'maintenance' | 'deleted';

/** What the tenant's plan includes, or what was agreed on instead; null: no limit. */
export interface TenantLimits {
  users: number | null;
  projects: number | null;
  storageBytes: number | null;
  requestsPerMinute: number | null;
}

/** What the platform knows of a tenant: who it is and where it lives. */
export interface Tenant {
  id: string;
  slug: string;
  name: string;
  status: TenantStatus;
  plan: string;
  limits: TenantLimits;
  schemaVersion: number;
  createdAt: Date;
  updatedAt: Date;
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
}
