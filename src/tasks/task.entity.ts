import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import { categoryOf, type Priority, type StatusCategory, type TaskStatus } from './task.types.ts';

const hours = {
  to: (value: number | null) => value,
  // PostgreSQL gives numeric as text; hours with two decimals are exact enough as a number.
  from: (value: string | null) => (value === null ? null : Number(value)),
};

@Entity({ schema: '@tenant', name: 'tasks' })
export class Task {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId: string | null;

  @Column('text')
  title: string;

  /** Markdown, as typed. */
  @Column('text', { nullable: true })
  description: string | null;

  @Column('text')
  status: TaskStatus;

  @Column('text', { name: 'status_category' })
  statusCategory: StatusCategory;

  @Column('text')
  priority: Priority;

  @Column('uuid', { name: 'assignee_id', nullable: true })
  assigneeId: string | null;

  @Column('uuid', { name: 'reporter_id' })
  reporterId: string;

  /** `YYYY-MM-DD`. */
  @Column('date', { name: 'start_date', nullable: true })
  startDate: string | null;

  @Column('date', { name: 'due_date', nullable: true })
  dueDate: string | null;

  @Column('numeric', { name: 'estimated_hours', precision: 7, scale: 2, nullable: true, transformer: hours })
  estimatedHours: number | null;

  @Column('text', { array: true })
  tags: string[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  /** First entry into a status that counts as doing; start of the cycle time. */
  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  /** Last entry into done; cleared when the task is reopened. */
  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;

  /** Enters a status and keeps the times that follow from it. */
  moveTo(status: TaskStatus, at: Date): void {
    this.status = status;
    this.statusCategory = categoryOf(status);
    if (this.statusCategory === 'doing') this.startedAt ??= at;
    this.completedAt = this.statusCategory === 'done' ? at : null;
  }
}
