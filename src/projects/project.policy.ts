import { can, grantsWithin, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import { covers, partsOf } from '../platform/access/grants.ts';
import {
  PROJECT_ROLES,
  PROJECT_ROLE_GRANTS,
  type Grant,
  type Permission,
  type ProjectRole,
} from '../platform/access/permissions.ts';
import type { Standing } from './project.types.ts';

/** The highest role counts, by name or through a team. */
export function tiesBy({ userId }: Actor, { projectOwnerId, roleByName, rolesByTeam }: Standing): Ties {
  return {
    projectRole: PROJECT_ROLES.find((role) => role === roleByName || rolesByTeam.includes(role)) ?? null,
    throughTeam: rolesByTeam.length > 0,
    ownsProject: userId !== null && projectOwnerId === userId,
  };
}

export function canRead(actor: Actor, ties: Ties): boolean {
  return can(actor, 'project.read', ties);
}

/** Its fields and its members. */
export function canUpdate(actor: Actor, ties: Ties): boolean {
  return can(actor, 'project.update', ties);
}

export function canDelete(actor: Actor, ties: Ties): boolean {
  return can(actor, 'project.delete', ties);
}

/**
 * The permission that the actor lacks to make somebody this in the project; null when they may. Nobody gives a role that
 * does more there than they may do there themselves.
 */
export function lackingToGive(actor: Actor, role: ProjectRole, ties: Ties): Permission | null {
  const held = grantsWithin(actor, ties);
  const lacking = PROJECT_ROLE_GRANTS[role].find((grant) => !covers(held, grant));
  return lacking === undefined ? null : partsOf(lacking as Exclude<Grant, '*'>).permission;
}
