import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** A point that a project wants to have reached, perhaps by a day. */
@Entity({ schema: '@tenant', name: 'milestones' })
export class Milestone {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('text')
  name: string;

  /** Markdown, as typed. */
  @Column('text', { nullable: true })
  description: string | null;

  /** `YYYY-MM-DD`. */
  @Column('date', { name: 'due_date', nullable: true })
  dueDate: string | null;

  /** Null: not reached yet. */
  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
