import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who operates the installation. */
@Entity({ schema: 'public', name: 'operators' })
export class OperatorAccount {
  @PrimaryColumn('uuid')
  id: string;

  /** As canonicalAddress() spells it. */
  @Column('text')
  email: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'password_hash', nullable: true })
  passwordHash: string | null;

  /** Base32, sealed under ENCRYPTION_KEY; null: not enrolled, nobody can sign in. */
  @Column('text', { name: 'totp_secret', nullable: true })
  totpSecret: string | null;

  /** The last time step of which a code was taken. */
  @Column('bigint', { name: 'totp_step', nullable: true })
  totpStep: string | null;

  /** SHA-256 of the token that enrols; null when none is open. */
  @Column('bytea', { name: 'enrolment_hash', nullable: true })
  enrolmentHash: Buffer | null;

  @Column('timestamptz', { name: 'enrolment_expires_at', nullable: true })
  enrolmentExpiresAt: Date | null;

  /** As enrolled, until the first code confirms it. */
  @Column('text', { name: 'pending_password_hash', nullable: true })
  pendingPasswordHash: string | null;

  @Column('text', { name: 'pending_totp_secret', nullable: true })
  pendingTotpSecret: string | null;

  @Column('boolean')
  active: boolean;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_login_at', nullable: true })
  lastLoginAt: Date | null;
}
