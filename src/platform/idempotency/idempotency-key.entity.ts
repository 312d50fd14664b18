import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What somebody was answered to a request with an Idempotency-Key, for a day. */
@Entity({ schema: '@tenant', name: 'idempotency_keys' })
export class IdempotencyKey {
  @PrimaryColumn('uuid', { name: 'actor_id' })
  actorId: string;

  @PrimaryColumn('text')
  key: string;

  /** SHA-256 of method, path and body. */
  @Column('bytea')
  fingerprint: Buffer;

  /** HTTP status. */
  @Column('integer')
  status: number;

  /** Those of the answer that tell about the resource. */
  @Column('jsonb')
  headers: Record<string, string>;

  /** Sealed, for some answers hold a secret; null for one without a body. */
  @Column('text', { nullable: true })
  answer: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
