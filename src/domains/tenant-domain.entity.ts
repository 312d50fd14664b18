import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A domain that a tenant says is its own; verified, its requests are that tenant's. */
@Entity({ schema: 'public', name: 'tenant_domains' })
export class TenantDomain {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId: string;

  /** Lower case; international names in their encoded form. */
  @Column('text')
  domain: string;

  /** Stands in the TXT record. */
  @Column('text')
  token: string;

  /** The one that links to the organisation use. */
  @Column('boolean', { name: 'is_primary', default: false })
  isPrimary: boolean;

  @Column('timestamptz', { name: 'verified_at', nullable: true })
  verifiedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
