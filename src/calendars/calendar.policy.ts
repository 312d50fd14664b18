import { canAny } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** When somebody works may be known to themselves, and to whoever sees people. */
export function canReadCalendar(actor: Actor, userId: string): boolean {
  return actor.userId === userId || canAny(actor, 'user.read');
}

/** One's own, or as far as people may be changed. */
export function canChangeCalendar(actor: Actor, userId: string): boolean {
  return actor.userId === userId || canAny(actor, 'user.update');
}

/** That somebody is away is everybody's business; that they are ill is theirs, and that of those who keep their calendar. */
export function canKnowWhy(actor: Actor, userId: string): boolean {
  return canChangeCalendar(actor, userId);
}
