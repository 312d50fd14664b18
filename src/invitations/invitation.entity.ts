import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** A mail that asks somebody to join, with the roles they will have. */
@Entity({ schema: '@tenant', name: 'invitations' })
export class Invitation {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  email: string;

  /** As canonicalAddress() spells it; one open invitation has it. */
  @Column('text', { name: 'canonical_email', nullable: true })
  canonicalEmail: string | null;

  /** Keys. */
  @Column('text', { array: true })
  roles: string[];

  @Column('uuid', { name: 'invited_by', nullable: true })
  invitedBy: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  /** When the last mail was handed over. */
  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt: Date | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'accepted_at', nullable: true })
  acceptedAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @VersionColumn()
  version: number;
}
