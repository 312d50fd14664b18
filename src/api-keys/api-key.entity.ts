import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { Grant } from '../platform/access/permissions.ts';

/** A key of somebody's, or of a service account's. Its text is shown once and cannot be found again. */
@Entity({ schema: '@tenant', name: 'api_keys' })
export class ApiKey {
  @PrimaryColumn('uuid')
  id: string;

  /** As whom it acts. */
  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  name: string;

  @Column('bytea')
  hash: Buffer;

  /** The text before the last rotation, good until `previousExpiresAt`. */
  @Column('bytea', { name: 'previous_hash', nullable: true })
  previousHash: Buffer | null;

  @Column('timestamptz', { name: 'previous_expires_at', nullable: true })
  previousExpiresAt: Date | null;

  /** The last characters, by which people tell their keys apart. */
  @Column('text')
  ending: string;

  @Column('text', { array: true })
  scopes: Grant[];

  @Column('integer', { name: 'requests_per_minute', nullable: true })
  requestsPerMinute: number | null;

  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'rotated_at', nullable: true })
  rotatedAt: Date | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /** To the minute: it is not written at every request. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('text', { name: 'last_address', nullable: true })
  lastAddress: string | null;

  @Column('timestamptz', { name: 'last_refused_at', nullable: true })
  lastRefusedAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @VersionColumn()
  version: number;
}
