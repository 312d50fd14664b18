import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody whom a comment addresses, as it is worded now. */
@Entity({ schema: '@tenant', name: 'comment_mentions' })
export class CommentMention {
  @PrimaryColumn('uuid', { name: 'comment_id' })
  commentId: string;

  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  /** In the order of the text. */
  @Column('smallint')
  position: number;
}
