import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What a refresh token is for. It is the only one that belongs to a session, and stays until that ends. */
export const REFRESH_PURPOSE = 'refresh';

/**
 * What lets its bearer do one thing, for a while: reset a password, accept an invitation, come back from a provider, go on
 * with a session. Whoever looks for one says its purpose, or a token for one thing would do another.
 */
@Entity({ schema: '@tenant', name: 'tokens' })
export class Token {
  /** SHA-256: 256 random bits need no salt and no slow hash. */
  @PrimaryColumn('bytea')
  hash: Buffer;

  @Column('text')
  purpose: string;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('uuid', { name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  providerId: string | null;

  /** Of at most 6,000 bytes. */
  @Column('jsonb')
  data: object;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /** Of a refresh token: used ones stay until the session ends, because presenting one again is theft. */
  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
}
