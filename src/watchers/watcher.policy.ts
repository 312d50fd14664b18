import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** Everybody says for themselves what they watch among what they see; for others, whoever may change the task. */
export function canSayWhoWatches(actor: Actor, userId: string, ties: Ties): boolean {
  return userId === actor.userId || can(actor, 'task.update', ties);
}
