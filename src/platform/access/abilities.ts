import type { Actor } from './actor.ts';
import { PROJECT_ROLE_GRANTS, type Grant, type Permission, type ProjectRole } from './permissions.ts';
import { covers, intersectionOf } from './scopes.ts';

/** What ties the actor to a record. */
export interface Ties {
  /** The actor's role in the record's project; null when not a member. */
  projectRole: ProjectRole | null;
  /** Whether the actor is the task's assignee or reporter. */
  involved?: boolean;
}

/** May the actor do this on a record it has these ties to? Roles in the organisation and in the project are united. */
export function can(actor: Actor, permission: Permission, ties: Ties): boolean {
  if (actor.key && !permits(actor.key.scopes, permission, ties)) return false;
  if (permits(actor.grants, permission, ties)) return true;
  return ties.projectRole !== null && permits(new Set(PROJECT_ROLE_GRANTS[ties.projectRole]), permission, ties);
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
    (grant) => actor.grants.has(grant) || actor.projectRoles.some((role) => givesSome(actor, role, grant)),
  );
}

/** Does this role in a project give the actor the whole of the grant there? A key has it only within its scopes. */
export function givesInProject(actor: Actor, role: ProjectRole, grant: Grant): boolean {
  return PROJECT_ROLE_GRANTS[role].includes(grant) && (!actor.key || covers(actor.key.scopes, grant));
}

/** A key whose scope holds where its owner is involved has a part of what the role gives to all members. */
function givesSome({ key }: Actor, role: ProjectRole, grant: Grant): boolean {
  return PROJECT_ROLE_GRANTS[role].includes(grant) && (!key || intersectionOf(key.scopes, new Set([grant])).size > 0);
}

function permits(grants: ReadonlySet<Grant>, permission: Permission, ties: Ties): boolean {
  if (holds(grants, permission)) return true;
  if (ties.projectRole === null) return false;
  return grants.has(`${permission}:member`) || (ties.involved === true && grants.has(`${permission}:involved`));
}

function holds(grants: ReadonlySet<Grant>, permission: Permission): boolean {
  return grants.has('*') || grants.has(permission);
}
