import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What a person's authenticator app and we share. */
@Entity({ schema: '@tenant', name: 'totp_secrets' })
export class TotpSecret {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  /** Base32, sealed. */
  @Column('text')
  secret: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Null until the first right code: before that it protects nothing. */
  @Column('timestamptz', { name: 'confirmed_at', nullable: true })
  confirmedAt: Date | null;

  /** The newest time step a code was taken of; none of it, or before it, is taken again. */
  @Column('bigint', { name: 'last_step' })
  lastStep: string;
}
