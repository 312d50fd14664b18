import { can, canAny, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** The figures of a project. */
export function canSeeFigures(actor: Actor, ties: Ties): boolean {
  return can(actor, 'analytics.read', ties);
}

/** How busy somebody is may be known to themselves, and to whoever sees the figures of every project. */
export function canSeeFiguresOf(actor: Actor, userId: string): boolean {
  return actor.userId === userId || canSeeAllFigures(actor);
}

export function canSeeAllFigures(actor: Actor): boolean {
  return canAny(actor, 'analytics.read');
}
