import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** A plan shows every task of the project, and figures that follow from all of them. @param ties to the project */
export function canSeePlan(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.read', ties);
}

/** Whoever schedules changes any task of the project, and sees what they change. @param ties to the project */
export function canSchedule(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.update', ties) && canSeePlan(actor, ties);
}
