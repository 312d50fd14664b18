import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Written by audit() alone, and never changed. */
@Entity({ schema: '@tenant', name: 'audit_events' })
export class StoredAuditEvent {
  @PrimaryColumn('uuid')
  id: string;

  @CreateDateColumn({ type: 'timestamptz' })
  at: Date;

  @Column('text')
  action: string;

  @Column('text')
  outcome: 'done' | 'refused';

  @Column('text', { name: 'actor_kind' })
  actorKind: string;

  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('text', { name: 'target_type', nullable: true })
  targetType: string | null;

  @Column('text', { name: 'target_id', nullable: true })
  targetId: string | null;

  @Column('jsonb', { nullable: true })
  before: object | null;

  @Column('jsonb', { nullable: true })
  after: object | null;

  @Column('jsonb', { nullable: true })
  details: object | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('text', { name: 'request_id' })
  requestId: string;
}
