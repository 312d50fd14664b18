import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

export function canComment(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.comment', ties);
}

/** A comment is changed by its author alone, as long as they may comment at all. */
export function canChangeComment(actor: Actor, comment: { authorId: string }, ties: Ties): boolean {
  return canComment(actor, ties) && comment.authorId === actor.userId;
}

/** It is removed by its author, or by whoever may delete tasks there. */
export function canDeleteComment(actor: Actor, comment: { authorId: string }, ties: Ties): boolean {
  return canChangeComment(actor, comment, ties) || can(actor, 'task.delete', ties);
}
