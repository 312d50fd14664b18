import type { Actor } from '../platform/access/actor.ts';
import { refusalToHandle, type RoleContent } from '../platform/access/role-bounds.ts';
import type { UserKind } from './users.types.ts';

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

/** Why the actor may not give these roles, to whomever; null when they may. Nobody gives what they are not themselves. */
export function refusalToGrant(actor: Actor, roles: readonly RoleContent[]): string | null {
  for (const role of roles) {
    if (role.key === 'owner' && !isOwner(actor)) return 'Only an owner may make somebody an owner.';
    const refusal = refusalToHandle(actor, role);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Why an account of this kind cannot have these roles: an owner is somebody who can sign in and take the organisation back. */
export function refusalByKind(kind: UserKind, roles: { key: string }[]): string | null {
  return kind === 'service' && roles.some((role) => role.key === 'owner')
    ? 'A service account cannot be an owner.'
    : null;
}

/** Why the actor may not deactivate this person; null when they may. */
export function refusalToDeactivate(actor: Actor, target: Standing): string | null {
  if (actor.userId === target.id) return 'You cannot deactivate yourself; ask somebody else to.';
  return refusalToChange(actor, target);
}

function isOwner(actor: Actor): boolean {
  return actor.kind === 'system' || actor.roles.includes('owner');
}
