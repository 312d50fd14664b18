import type { Actor } from './actor.ts';
import { narrow } from './grants.ts';
import {
  PROJECT_ROLES,
  PROJECT_ROLE_GRANTS,
  conditionsOf,
  type Condition,
  type Grant,
  type Permission,
  type ProjectRole,
} from './permissions.ts';

/** What ties the actor to a record. What is not said is not so. */
export interface Ties {
  /** The actor's highest role in the record's project, direct or through a team; null when they are not in it. */
  projectRole: ProjectRole | null;
  ownsProject?: boolean;
  /** One of the actor's teams was given the project. */
  throughTeam?: boolean;
  isAssignee?: boolean;
  isReporter?: boolean;
  /** Of the team that the record is. */
  leadsTeam?: boolean;
}

/** A condition that opens a permission, and the project roles with which it does. */
export interface Opening {
  condition: Exclude<Condition, 'lead'>;
  roles: readonly ProjectRole[];
}

/** In which projects, and on what there, an actor has a permission: the records that at least one opening leads to. */
export type Reach = 'all projects' | readonly Opening[];

const MEETS: Record<Opening['condition'], (ties: Ties) => boolean> = {
  member: () => true,
  owner: (ties) => ties.ownsProject === true,
  team: (ties) => ties.throughTeam === true,
  involved: (ties) => ties.isAssignee === true || ties.isReporter === true,
  assignee: (ties) => ties.isAssignee === true,
  reporter: (ties) => ties.isReporter === true,
};

/** May the actor do this on a record it has these ties to? Roles in the organisation and in the project are united. */
export function can(actor: Actor, permission: Permission, ties: Ties): boolean {
  if (canAny(actor, permission)) return true;
  if (ties.leadsTeam === true && actor.grants.has(`${permission}:lead`)) return true;
  if (ties.projectRole === null) return false;
  const role = ties.projectRole;
  return openingsOf(actor, permission).some(({ condition, roles }) => roles.includes(role) && MEETS[condition](ties));
}

/** May the actor do this on every record of the tenant, whatever its ties? */
export function canAny(actor: Actor, permission: Permission): boolean {
  return actor.grants.has('*') || actor.grants.has(permission);
}

/** Could there be a record on which the actor may do this? What a route asks before any record is known. */
export function couldEver(actor: Actor, permission: Permission): boolean {
  if (canAny(actor, permission)) return true;
  if (conditionsOf(permission).some((condition) => actor.grants.has(`${permission}:${condition}`))) return true;
  return openingsOf(actor, permission).some(({ roles }) => actor.projectRoles.some((role) => roles.includes(role)));
}

/** The same answer as can(), for lists: a query turns it into SQL, so that nothing is read that may not be seen. */
export function reachOf(actor: Actor, permission: Permission): Reach {
  return canAny(actor, permission) ? 'all projects' : openingsOf(actor, permission);
}

/** The grants that the actor has in a project with these ties; what the ties decide is no condition any more. */
export function grantsWithin(actor: Actor, ties: Ties): ReadonlySet<Grant> {
  const inProject = ties.projectRole === null ? [] : grantsOfProjectRole(actor, ties.projectRole);
  const decided = [...actor.grants].map((grant) => {
    const [permission, condition] = grant.split(':') as [Permission, Opening['condition']?];
    const isOfProject = condition === 'owner' || condition === 'team';
    return isOfProject && MEETS[condition](ties) ? (`${permission}:member` as const) : grant;
  });
  const holds = decided.filter((grant) => ties.projectRole !== null || !grant.includes(':'));
  return new Set([...holds, ...inProject]);
}

function openingsOf(actor: Actor, permission: Permission): Opening[] {
  return conditionsOf(permission).flatMap((condition) => {
    if (condition === 'lead') return [];
    const grant: Grant = `${permission}:${condition}`;
    const roles = actor.grants.has(grant)
      ? PROJECT_ROLES
      : PROJECT_ROLES.filter((role) => grantsOfProjectRole(actor, role).includes(grant));
    return roles.length > 0 ? [{ condition, roles }] : [];
  });
}

function grantsOfProjectRole({ key }: Actor, role: ProjectRole): readonly Grant[] {
  return key ? narrow(PROJECT_ROLE_GRANTS[role], key.scopes) : PROJECT_ROLE_GRANTS[role];
}
