import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Tenant, TenantStatus } from '../platform/tenancy/tenant.types.ts';

/** A row of the registry: who the tenant is and where it lives, and nothing of what it owns. */
@Entity({ schema: 'public', name: 'tenants' })
export class TenantEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  slug: string;

  @Column('text')
  name: string;

  @Column('text')
  status: TenantStatus;

  @Column('text')
  plan: string;

  @Column('text')
  cluster: string;

  @Column('text', { name: 'schema_name' })
  schemaName: string;

  @Column('text', { name: 'role_name', nullable: true })
  roleName: string | null;

  @Column('integer')
  home: number;

  /** Copy of the newest line in the schema's own ledger, so that "who is behind" is one query. */
  @Column('bigint', { name: 'schema_version' })
  schemaVersion: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}

export function toTenant(row: TenantEntity): Tenant {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    status: row.status,
    plan: row.plan,
    limits: { users: null, projects: null, storageBytes: null, requestsPerMinute: null },
    schemaVersion: Number(row.schemaVersion),
    // The row may come out of a cache, where a Date has become its ISO text.
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    binding: { cluster: row.cluster, schema: row.schemaName, role: row.roleName, home: row.home },
  };
}
