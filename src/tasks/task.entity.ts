import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { StatusCategory } from '../history/history.types.ts';
import type { Priority } from './task.types.ts';

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

  @Column('uuid', { name: 'milestone_id', nullable: true })
  milestoneId: string | null;

  @Column('text')
  title: string;

  /** Markdown, as typed. */
  @Column('text', { nullable: true })
  description: string | null;

  /** A key of the project's workflow. */
  @Column('text')
  status: string;

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

  /** What is left to do, as somebody judged it; null when nobody did. */
  @Column('numeric', { name: 'remaining_hours', precision: 7, scale: 2, nullable: true, transformer: hours })
  remainingHours: number | null;

  /** Sum of the time that was logged. */
  @Column('numeric', { name: 'actual_hours', precision: 9, scale: 2, transformer: hours })
  actualHours: number;

  @Column('text', { array: true })
  tags: string[];

  /** Key of fractional indexing: its place among the tasks of the project, compared by bytes. */
  @Column('text')
  position: string;

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
  moveTo({ key, category }: { key: string; category: StatusCategory }, at: Date): void {
    const wasDone = this.statusCategory === 'done' && this.completedAt !== null;
    this.status = key;
    this.statusCategory = category;
    if (this.statusCategory === 'doing') this.startedAt ??= at;
    // From one done status to another nothing is completed once more.
    if (category !== 'done') this.completedAt = null;
    else if (!wasDone) this.completedAt = at;
  }
}
