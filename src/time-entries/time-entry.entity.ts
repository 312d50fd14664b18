import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { TimeSource } from './time-entry.types.ts';

/** What one person worked on one task, without a break. */
@Entity({ schema: '@tenant', name: 'time_entries' })
export class TimeEntry {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'task_id' })
  taskId: string;

  /** The task's. */
  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  /** That it counts for, `YYYY-MM-DD`: the day of its start where the person was, as that was known then. */
  @Column('date')
  day: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt: Date;

  /** Null while the timer runs. */
  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  /** Nobody said when on that day; it then stands at its beginning. */
  @Column('boolean', { name: 'by_day' })
  byDay: boolean;

  /** As worked; null while the timer runs. */
  @Column('integer', { nullable: true })
  minutes: number | null;

  /** After the rules that the project had when the entry was written; null while the timer runs. */
  @Column('integer', { name: 'rounded_minutes', nullable: true })
  roundedMinutes: number | null;

  @Column('text', { nullable: true })
  note: string | null;

  @Column('boolean')
  billable: boolean;

  @Column('text')
  source: TimeSource;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
