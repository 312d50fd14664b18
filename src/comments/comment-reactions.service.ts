import { Injectable } from '@nestjs/common';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { canComment } from './comment.policy.ts';
import { CommentReaction } from './comment-reaction.entity.ts';
import { NoEmoji, TooManyReactions } from './comments.errors.ts';
import { ReactionAdded, ReactionRemoved } from './comments.events.ts';
import { countOtherEmojis, type CommentRow } from './comments.queries.ts';
import { CommentsService } from './comments.service.ts';
import { oneEmoji } from './emoji.rules.ts';

const MOST_EMOJIS = 20;

@Injectable()
export class CommentReactionsService {
  constructor(private readonly comments: CommentsService) {}

  /** A second time changes nothing. @throws NoEmoji, CommentMissing, ProjectArchived, PermissionDenied, TooManyReactions */
  react(ctx: TenantContext, commentId: string, text: string): Promise<CommentRow> {
    return this.#change(ctx, commentId, text, async (tx, { taskId }, emoji) => {
      const key = { commentId, emoji, userId: tx.actor.userId! };
      if (await tx.repository(CommentReaction).existsBy(key)) return false;
      if ((await countOtherEmojis(tx, commentId, emoji)) >= MOST_EMOJIS) throw new TooManyReactions(MOST_EMOJIS);
      await tx.repository(CommentReaction).insert(key);
      tx.announce(new ReactionAdded(commentId, taskId, key.userId, emoji));
      return true;
    });
  }

  /** Having none is no mistake. @throws NoEmoji, CommentMissing, ProjectArchived, PermissionDenied */
  withdraw(ctx: TenantContext, commentId: string, text: string): Promise<CommentRow> {
    return this.#change(ctx, commentId, text, async (tx, { taskId }, emoji) => {
      const key = { commentId, emoji, userId: tx.actor.userId! };
      const { affected } = await tx.repository(CommentReaction).delete(key);
      if (affected) tx.announce(new ReactionRemoved(commentId, taskId, key.userId, emoji));
      return Boolean(affected);
    });
  }

  /** @param change says whether it has changed anything */
  async #change(
    ctx: TenantContext,
    commentId: string,
    text: string,
    change: (tx: TenantContext, comment: CommentRow, emoji: string) => Promise<boolean>,
  ): Promise<CommentRow> {
    const emoji = oneEmoji(text);
    if (emoji === null) throw new NoEmoji();
    return ctx.transaction(async (tx) => {
      const { comment, ties } = await this.comments.lockWithTies(tx, commentId);
      if (!canComment(tx.actor, ties)) throw new PermissionDenied('task.comment');
      if (!(await change(tx, comment, emoji))) return comment;
      await this.comments.showChanged(tx, commentId);
      return this.comments.get(tx, commentId);
    });
  }
}
