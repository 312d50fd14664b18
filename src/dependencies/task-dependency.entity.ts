import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { DependencyType } from './dependencies.types.ts';

const hours = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

@Entity({ schema: '@tenant', name: 'task_dependencies' })
export class TaskDependency {
  @PrimaryColumn('uuid')
  id: string;

  /** Of both tasks. */
  @Column('uuid', { name: 'project_id' })
  projectId: string;

  /** The successor: the one that waits. */
  @Column('uuid', { name: 'task_id' })
  taskId: string;

  @Column('uuid', { name: 'depends_on_task_id' })
  dependsOnTaskId: string;

  @Column('text')
  type: DependencyType;

  /** Null when the lag is in days. */
  @Column('numeric', { name: 'lag_hours', precision: 7, scale: 2, nullable: true, transformer: hours })
  lagHours: number | null;

  /** Working days; null when the lag is in hours. */
  @Column('integer', { name: 'lag_days', nullable: true })
  lagDays: number | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
