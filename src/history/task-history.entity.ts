import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StatusCategory } from './history.types.ts';

/** One move of a task, kept for ever: flow and cycle times are computed from these. The first has no `from`. */
@Entity({ schema: '@tenant', name: 'task_status_transitions' })
export class TaskStatusTransition {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'task_id' })
  taskId: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('text', { name: 'from_status', nullable: true })
  fromStatus: string | null;

  @Column('text', { name: 'to_status' })
  toStatus: string;

  @Column('text', { name: 'from_category', nullable: true })
  fromCategory: StatusCategory | null;

  @Column('text', { name: 'to_category' })
  toCategory: StatusCategory;

  /** Null: the system. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('timestamptz')
  at: Date;
}

/** One change of one field of a task, kept for ever. */
@Entity({ schema: '@tenant', name: 'task_changes' })
export class TaskChange {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'task_id' })
  taskId: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('text')
  field: string;

  @Column('jsonb', { name: 'old_value', nullable: true })
  oldValue: unknown;

  @Column('jsonb', { name: 'new_value', nullable: true })
  newValue: unknown;

  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('timestamptz')
  at: Date;
}
