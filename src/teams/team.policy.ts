import { can } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import { covers, partsOf } from '../platform/access/grants.ts';
import { PROJECT_ROLE_GRANTS, type Grant, type Permission, type ProjectRole } from '../platform/access/permissions.ts';
import type { TeamRole } from './team.types.ts';

/** Its fields and who is in it. @param standing what the actor is in the team; null when they are not in it */
export function canUpdateTeam(actor: Actor, standing: TeamRole | null): boolean {
  return can(actor, 'team.update', { projectRole: null, leadsTeam: standing === 'lead' });
}

/**
 * The permission that the actor lacks to take somebody into a team with these roles in projects; null when they may. With
 * the team come its roles, and nobody gives what they do not have: by being in the team, or in every project.
 */
export function lackingToTakeIn(
  actor: Actor,
  standing: TeamRole | null,
  projectRoles: readonly ProjectRole[],
): Permission | null {
  // A key is not in the team: it hands on no more than it holds itself.
  if (standing !== null && !actor.key) return null;
  const given = new Set(projectRoles.flatMap((role) => PROJECT_ROLE_GRANTS[role]));
  if (standing !== null) {
    const beyond = [...given].find((grant) => !covers(actor.key!.scopes, grant));
    return beyond === undefined ? null : partsOf(beyond as Exclude<Grant, '*'>).permission;
  }
  for (const grant of given) {
    const { permission } = partsOf(grant as Exclude<Grant, '*'>);
    if (!covers(actor.grants, permission)) return permission;
  }
  return null;
}
