import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { BulkFailure, BulkMode, BulkOperation, BulkResult, BulkState } from './bulk.types.ts';

/** Operations on many tasks that are carried out in the background, and what came of them. */
@Entity({ schema: '@tenant', name: 'bulk_runs' })
export class BulkRun {
  @PrimaryColumn('uuid')
  id: string;

  /** For whom they are carried out, with what that person may do then. */
  @Column('uuid', { name: 'actor_id' })
  actorId: string;

  /** The API key that they were sent with; null for somebody who was signed in. */
  @Column('uuid', { name: 'key_id', nullable: true })
  keyId: string | null;

  @Column('text')
  mode: BulkMode;

  @Column('text')
  state: BulkState;

  @Column('jsonb')
  operations: BulkOperation[];

  /** In the order of the operations, as far as it has come. */
  @Column('jsonb')
  results: BulkResult[];

  @Column('integer')
  total: number;

  /** Why none of it was done, or not the rest. */
  @Column('jsonb', { nullable: true })
  error: BulkFailure | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;
}
