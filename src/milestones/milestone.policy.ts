import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** @param ties to the project: to all of its tasks, whoever is assigned */
export function canSeeProgress(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.read', ties);
}
