import { CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: '@tenant', name: 'comment_reactions' })
export class CommentReaction {
  @PrimaryColumn('uuid', { name: 'comment_id' })
  commentId: string;

  @PrimaryColumn('text')
  emoji: string;

  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
