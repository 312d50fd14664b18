import { can, canAny, givesInProject, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import { PROJECT_ROLES, type Permission, type ProjectRole } from '../platform/access/permissions.ts';

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

/** In which projects something that all their members may do, or only some, is open to the actor. */
export type Reach = 'all projects' | readonly ProjectRole[];

/** The project roles with which the actor reaches a permission; `all projects` when it needs none. */
export function reachOf(actor: Actor, permission: Permission): Reach {
  if (canAny(actor, permission)) return 'all projects';
  return PROJECT_ROLES.filter(
    (role) => actor.grants.has(`${permission}:member`) || givesInProject(actor, role, `${permission}:member`),
  );
}
