import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What lets its bearer do one thing, once: reset a password, accept an invitation, finish a sign-in. */
@Entity({ schema: '@tenant', name: 'one_time_tokens' })
export class OneTimeToken {
  /** SHA-256: 256 random bits need no salt and no slow hash. */
  @PrimaryColumn('bytea')
  hash: Buffer;

  @Column('text')
  purpose: string;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('jsonb')
  data: object;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
