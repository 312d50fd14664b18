import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

export interface Reaction {
  emoji: string;
  userId: string;
  /** ISO 8601. */
  at: string;
}

@Entity({ schema: '@tenant', name: 'comments' })
export class Comment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'task_id' })
  taskId: string;

  /** The comment that it replies to, which is no reply itself. */
  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId: string | null;

  @Column('uuid', { name: 'author_id' })
  authorId: string;

  /** Markdown, as typed. */
  @Column('text')
  body: string;

  /** Ids of those whom it addresses as it is worded now, in the order of the text. */
  @Column('uuid', { array: true })
  mentions: string[];

  /** Each person once with each emoji; the oldest first. */
  @Column('jsonb')
  reactions: Reaction[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Of its text. */
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** Rises with whatever is shown of it: its text, its reactions, its replies. */
  @VersionColumn()
  version: number;
}
