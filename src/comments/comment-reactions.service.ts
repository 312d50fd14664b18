import { Injectable } from '@nestjs/common';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { canComment } from './comment.policy.ts';
import type { Reaction } from './comment.entity.ts';
import { NoEmoji, TooManyReactions } from './comments.errors.ts';
import { ReactionAdded, ReactionRemoved } from './comments.events.ts';
import type { CommentRow } from './comments.queries.ts';
import { CommentsService } from './comments.service.ts';
import { oneEmoji } from './emoji.rules.ts';

const MOST_EMOJIS = 20;

@Injectable()
export class CommentReactionsService {
  constructor(private readonly comments: CommentsService) {}

  /** A second time changes nothing. @throws NoEmoji, CommentMissing, ProjectArchived, PermissionDenied, TooManyReactions */
  react(ctx: TenantContext, commentId: string, text: string): Promise<CommentRow> {
    return this.#change(ctx, commentId, text, async (tx, { taskId, reactions }, emoji) => {
      if (hasReacted(reactions, emoji)) return false;
      if (reactions.filter((each) => each.emoji !== emoji).length >= MOST_EMOJIS)
        throw new TooManyReactions(MOST_EMOJIS);
      const reaction: Reaction = { emoji, userId: tx.actor.userId!, at: new Date().toISOString() };
      await tx.query(
        `UPDATE "@tenant".comments SET reactions = reactions || $2::jsonb, version = version + 1 WHERE id = $1`,
        [commentId, JSON.stringify([reaction])],
      );
      tx.announce(new ReactionAdded(commentId, taskId, reaction.userId, emoji));
      return true;
    });
  }

  /** Having none is no mistake. @throws NoEmoji, CommentMissing, ProjectArchived, PermissionDenied */
  withdraw(ctx: TenantContext, commentId: string, text: string): Promise<CommentRow> {
    return this.#change(ctx, commentId, text, async (tx, { taskId, reactions }, emoji) => {
      if (!hasReacted(reactions, emoji)) return false;
      const userId = tx.actor.userId!;
      await tx.query(
        `UPDATE "@tenant".comments
            SET version = version + 1,
                reactions = (SELECT coalesce(jsonb_agg(e.reaction ORDER BY e.place), '[]')
                               FROM jsonb_array_elements(reactions) WITH ORDINALITY e (reaction, place)
                              WHERE NOT e.reaction @> $2::jsonb)
          WHERE id = $1`,
        [commentId, JSON.stringify({ emoji, userId })],
      );
      tx.announce(new ReactionRemoved(commentId, taskId, userId, emoji));
      return true;
    });
  }

  /**
   * The comment is locked when it is read: whoever comes at the same time finds what this one has left.
   *
   * @param change says whether it has changed anything
   */
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
      return this.comments.get(tx, commentId);
    });
  }
}

function hasReacted(reactions: CommentRow['reactions'], emoji: string): boolean {
  return reactions.some((each) => each.emoji === emoji && each.reacted);
}
