import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** What was in a task that is deleted is for those alone who may delete and restore it. */
export function canSeeDeleted(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.delete', ties);
}

/** How much of whose time is planned, and what was noted with it. */
export function canSeeFigures(actor: Actor, ties: Ties): boolean {
  return can(actor, 'analytics.read', ties);
}
