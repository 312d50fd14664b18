import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

export type ArchiveState = 'queued' | 'writing' | 'ready' | 'failed';

/** An export that an organisation asked for: what became of it, and its file. */
@Entity({ schema: 'public', name: 'archives' })
export class ArchiveRecord {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId: string;

  @Column('text')
  reason: 'export' | 'backup';

  @Column('text')
  state: ArchiveState;

  /** Name of the file among the tenant's; null before it is ready. */
  @Column('text', { nullable: true })
  file: string | null;

  @Column('bigint', { name: 'schema_version', nullable: true })
  schemaVersion: string | null;

  @Column('bigint', { default: 0 })
  rows: string;

  @Column('bigint', { name: 'rows_expected', default: 0 })
  rowsExpected: string;

  @Column('bigint', { nullable: true })
  bytes: string | null;

  /** Lower-case hex, of the file. */
  @Column('text', { nullable: true })
  sha256: string | null;

  /** In words that the organisation may read. */
  @Column('text', { nullable: true })
  error: string | null;

  @Column('uuid', { name: 'requested_by', nullable: true })
  requestedBy: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
