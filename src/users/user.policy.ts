import { canAny } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import { PROJECT_ROLE_GRANTS, type Permission } from '../platform/access/permissions.ts';
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

/** Why the actor may not delete this person; null when they may. */
export function refusalToDelete(actor: Actor, target: Standing): string | null {
  if (actor.userId === target.id) return 'You cannot delete yourself; ask somebody else to.';
  return refusalToChange(actor, target);
}

/**
 * Why the actor may not have somebody take over another's projects and tasks; null when they may. Whoever takes over
 * manages projects: nobody gives that who could not do the same in every one of them.
 */
export function refusalToHandOver(actor: Actor): string | null {
  const permissions = PROJECT_ROLE_GRANTS.manager.map((grant) => grant.split(':')[0] as Permission);
  const lacking = permissions.find((permission) => !canAny(actor, permission));
  return lacking === undefined
    ? null
    : `Whoever takes over manages projects, and you do not hold ${lacking} in all of them.`;
}

function isOwner(actor: Actor): boolean {
  return actor.kind === 'system' || actor.roles.includes('owner');
}
