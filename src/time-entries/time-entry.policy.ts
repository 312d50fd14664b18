import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { Permission } from '../platform/access/permissions.ts';

/** @param ties to the task, or to its project where only that is known; null where neither is there any more */
export function canManageTime(actor: Actor, ties: Ties | null): boolean {
  return can(actor, 'time.manage', ties ?? NO_TIES);
}

/** The permission that the actor lacks to write the time of this person on a task; null when they may. */
export function lackingToLog(actor: Actor, userId: string, ties: Ties | null): Permission | null {
  if (canManageTime(actor, ties)) return null;
  if (actor.userId !== userId) return 'time.manage';
  return ties && can(actor, 'time.log', ties) ? null : 'time.log';
}

const NO_TIES: Ties = { projectRole: null };
