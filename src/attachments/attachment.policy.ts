import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

export function canAttach(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.comment', ties);
}

/** A file is removed by whoever added it, as long as they may comment, or by whoever may delete tasks there. */
export function canRemoveAttachment(actor: Actor, { uploadedBy }: { uploadedBy: string }, ties: Ties): boolean {
  return (canAttach(actor, ties) && uploadedBy === actor.userId) || can(actor, 'task.delete', ties);
}
