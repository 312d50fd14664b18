import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A text that a comment had before it was edited. */
@Entity({ schema: '@tenant', name: 'comment_versions' })
export class CommentVersion {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'comment_id' })
  commentId: string;

  @Column('text')
  body: string;

  @Column('timestamptz', { name: 'written_at' })
  writtenAt: Date;

  @Column('timestamptz', { name: 'replaced_at' })
  replacedAt: Date;
}
