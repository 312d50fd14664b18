import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { TenantStatus } from '../platform/tenancy/tenant.types.ts';

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

  /** When it signed up by itself; null once an owner has proved an address, and for what operators made. */
  @Column('timestamptz', { name: 'unproved_since', nullable: true })
  unprovedSince: Date | null;

  /** When its owners were told that it will be deleted. */
  @Column('timestamptz', { name: 'unproved_warned_at', nullable: true })
  unprovedWarnedAt: Date | null;

  /** What it was before it was deleted, and will be when it is restored. */
  @Column('text', { name: 'deleted_from', nullable: true })
  deletedFrom: TenantStatus | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** When nobody can bring it back any more. */
  @Column('timestamptz', { name: 'purge_after', nullable: true })
  purgeAfter: Date | null;

  @Column('timestamptz', { name: 'purge_started_at', nullable: true })
  purgeStartedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  /** Rises with every change of what clients see of it. */
  @VersionColumn()
  version: number;
}
