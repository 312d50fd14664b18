import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A file that belongs to a task, perhaps to one of its comments. It is never changed, only added and removed. */
@Entity({ schema: '@tenant', name: 'attachments' })
export class Attachment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'task_id' })
  taskId: string;

  @Column('uuid', { name: 'comment_id', nullable: true })
  commentId: string | null;

  /** As the person called it. */
  @Column('text')
  name: string;

  /** By its extension, which fits its content; never what the client said. */
  @Column('text', { name: 'media_type' })
  mediaType: string;

  /** PostgreSQL gives bigint as text; a file is far smaller than what a number holds exactly. */
  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  bytes: number;

  /** Of its content, hex. */
  @Column('text')
  sha256: string;

  /** What it is called among the files of the tenant. */
  @Column('text', { name: 'file_key' })
  fileKey: string;

  /** Pixels, of a picture that could be read. */
  @Column('integer', { nullable: true })
  width: number | null;

  @Column('integer', { nullable: true })
  height: number | null;

  @Column('boolean', { name: 'has_thumbnail' })
  hasThumbnail: boolean;

  @Column('uuid', { name: 'uploaded_by' })
  uploadedBy: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Its file is removed soon after. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
