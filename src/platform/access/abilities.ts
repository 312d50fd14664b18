import type { Actor } from './actor.ts';
import { PROJECT_ROLE_GRANTS, type Condition, type Permission, type ProjectRole } from './permissions.ts';

/** What ties the actor to a record. */
export interface Ties {
  /** The actor's role in the record's project; null when not a member. */
  projectRole: ProjectRole | null;
  /** Whether the actor is the task's assignee or reporter. */
  involved?: boolean;
}

/** May the actor do this on a record it has these ties to? Roles in the organisation and in the project are united. */
export function can(actor: Actor, permission: Permission, ties: Ties): boolean {
  if (holds(actor.grants, permission)) return true;
  if (ties.projectRole === null) return false;
  const inProject = new Set<string>(PROJECT_ROLE_GRANTS[ties.projectRole]);
  const granted = (condition: Condition) =>
    actor.grants.has(`${permission}:${condition}`) || inProject.has(`${permission}:${condition}`);
  return granted('member') || (ties.involved === true && granted('involved'));
}

/** May the actor do this on every record of the tenant, whatever its ties? */
export function canAny(actor: Actor, permission: Permission): boolean {
  return holds(actor.grants, permission);
}

/** Could there be a record on which the actor may do this? What a route asks before any record is known. */
export function couldEver(actor: Actor, permission: Permission): boolean {
  if (holds(actor.grants, permission)) return true;
  const conditional = [`${permission}:member`, `${permission}:involved`] as const;
  return conditional.some(
    (grant) => actor.grants.has(grant) || actor.projectRoles.some((role) => PROJECT_ROLE_GRANTS[role].includes(grant)),
  );
}

function holds(grants: Actor['grants'], permission: Permission): boolean {
  return grants.has('*') || grants.has(permission);
}
