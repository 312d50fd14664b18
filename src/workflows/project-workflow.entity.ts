import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { Transition, WorkflowStatus } from './workflow.types.ts';

/** The workflow that a project was given; without a row it has the one that all start with. */
@Entity({ schema: '@tenant', name: 'project_workflows' })
export class ProjectWorkflow {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId: string;

  @Column('jsonb')
  statuses: WorkflowStatus[];

  @Column('jsonb', { nullable: true })
  transitions: Transition[] | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
