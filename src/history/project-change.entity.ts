import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One change of one field of a project, or of what belongs to it as a whole, kept for ever. */
@Entity({ schema: '@tenant', name: 'project_changes' })
export class ProjectChange {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  /** What was changed: the project, one of its milestones, its workflow, its members. */
  @Column('text', { name: 'subject_type' })
  subjectType: ProjectSubject;

  @Column('uuid', { name: 'subject_id' })
  subjectId: string;

  @Column('text')
  field: string;

  @Column('jsonb', { name: 'old_value', nullable: true })
  oldValue: unknown;

  @Column('jsonb', { name: 'new_value', nullable: true })
  newValue: unknown;

  /** Null: the system. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('timestamptz')
  at: Date;
}

export type ProjectSubject = 'project' | 'milestone' | 'workflow' | 'member' | 'team' | 'resource';
