import { CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who wants to know what happens to a task. */
@Entity({ schema: '@tenant', name: 'task_watchers' })
export class TaskWatcher {
  @PrimaryColumn('uuid', { name: 'task_id' })
  taskId: string;

  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
