import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What somebody proves with that they are who they say. */
export type CredentialType = 'password' | 'totp' | 'recovery_code' | 'passkey' | 'identity';

/** One of what somebody proves themselves with. Whoever looks for one says its type. */
@Entity({ schema: '@tenant', name: 'credentials' })
export class Credential {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @PrimaryColumn('text')
  type: CredentialType;

  /** Of the person for a password and an authenticator app, of which they have one; of the provider for who they are there. */
  @PrimaryColumn('uuid')
  id: string;

  /** By which it is found, and which nobody else of the organisation has: what a recovery code hashes to, a passkey's own id, the subject at a provider. */
  @Column('text', { nullable: true })
  key: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  providerId: string | null;

  /** The hash of a password (argon2id in PHC notation); what is shared with an authenticator app, sealed. */
  @Column('text', { nullable: true })
  secret: string | null;

  /** Of at most 4,000 bytes. */
  @Column('jsonb')
  data: object;

  /** A new password is a new credential. */
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Of an authenticator app: null until the first right code. Before that it protects nothing. */
  @Column('timestamptz', { name: 'confirmed_at', nullable: true })
  confirmedAt: Date | null;

  /** Last; of a recovery code once and for all. */
  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;

  /** Of a password, after too many failures in a row; a reset or an operator makes it good again. */
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  /** Of a password: when its person was let in again. */
  @Column('timestamptz', { name: 'unlocked_at', nullable: true })
  unlockedAt: Date | null;
}
