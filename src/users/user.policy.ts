import type { Actor } from '../platform/access/actor.ts';

/** The part of a person that decides who may act on them. */
export interface Standing {
  id: string;
  /** Highest level of the roles they have. */
  level: number;
  isOwner: boolean;
}

/** Why the actor may not change this person; null when they may. Nobody acts on somebody above themselves. */
export function refusalToChange(actor: Actor, target: Standing): string | null {
  if (target.isOwner && !isOwner(actor)) return 'Only an owner may change an owner.';
  return target.level > actor.level ? 'This person has a higher role than you.' : null;
}

/** Why the actor may not give these roles; null when they may. Nobody gives what is above their own level. */
export function refusalToGrant(actor: Actor, roles: { key: string; level: number }[]): string | null {
  const above = roles.find((role) => role.level > actor.level || (role.key === 'owner' && !isOwner(actor)));
  return above ? `The role ${above.key} is above your own.` : null;
}

/** Why the actor may not deactivate this person; null when they may. */
export function refusalToDeactivate(actor: Actor, target: Standing): string | null {
  if (actor.userId === target.id) return 'You cannot deactivate yourself; ask somebody else to.';
  return refusalToChange(actor, target);
}

function isOwner(actor: Actor): boolean {
  return actor.kind === 'system' || actor.roles.includes('owner');
}
