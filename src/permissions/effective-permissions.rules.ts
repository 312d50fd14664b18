import { partsOf } from '../platform/access/grants.ts';
import {
  PERMISSIONS,
  PROJECT_ROLE_GRANTS,
  WITHIN,
  conditionsOf,
  type Condition,
  type Grant,
  type Permission,
} from '../platform/access/permissions.ts';
import type { EffectivePermission, ProjectSource, Reason, RoleSource } from './permissions.types.ts';

const CATALOGUE = Object.keys(PERMISSIONS) as Permission[];

/** What somebody with these roles may do, in the order of the catalogue. */
export function effectivePermissions(
  roles: readonly RoleSource[],
  assignments: readonly ProjectSource[],
): EffectivePermission[] {
  return CATALOGUE.flatMap((permission) => {
    const byRole = reasonsOfRoles(permission, roles);
    const byProject = reasonsOfProjects(permission, assignments);
    return united(permission, byRole.map(conditionOf), byRole, byProject);
  });
}

/**
 * The same in one project, of which these are all assignments: what being in it, owning it or its teams decide is decided.
 * Permissions that have nothing to do with a project are left out.
 */
export function permissionsInProject(
  roles: readonly RoleSource[],
  assignments: readonly ProjectSource[],
): EffectivePermission[] {
  const met = new Set<Condition>([
    ...(assignments.length > 0 ? (['member', 'involved', 'assignee', 'reporter'] as const) : []),
    ...(assignments.some((each) => each.ownsProject) ? (['owner'] as const) : []),
    ...(assignments.some((each) => each.teamId !== null) ? (['team'] as const) : []),
  ]);
  return CATALOGUE.filter((permission) => conditionsOf(permission).includes('member')).flatMap((permission) => {
    const byRole = reasonsOfRoles(permission, roles).filter(
      ({ condition }) => condition === null || met.has(condition),
    );
    const byProject = reasonsOfProjects(permission, assignments);
    const left = [...byRole, ...byProject].map(({ condition }) =>
      condition === 'member' || condition === 'owner' || condition === 'team' ? null : condition,
    );
    return united(permission, left, byRole, byProject);
  });
}

function united(
  permission: Permission,
  held: (Condition | null)[],
  byRole: Reason[],
  byProject: Reason[],
): EffectivePermission[] {
  if (byRole.length + byProject.length === 0) return [];
  const everywhere = held.includes(null);
  return [
    {
      permission,
      everywhere,
      conditions: everywhere ? [] : widest(held as Condition[]),
      inProjects: byProject.length > 0,
      reasons: [...byRole, ...byProject],
    },
  ];
}

/** Without those that lie within another one. */
function widest(conditions: Condition[]): Condition[] {
  const all = [...new Set(conditions)];
  return all.filter((one) => !WITHIN[one].some((wider) => all.includes(wider)));
}

function reasonsOfRoles(permission: Permission, roles: readonly RoleSource[]): Reason[] {
  return roles.flatMap(({ key, grants }) =>
    conditionsIn(permission, grants).map((condition) => ({ condition, role: key, project: null })),
  );
}

function reasonsOfProjects(permission: Permission, assignments: readonly ProjectSource[]): Reason[] {
  return assignments.flatMap((project) =>
    conditionsIn(permission, PROJECT_ROLE_GRANTS[project.role]).map((condition) => ({
      condition,
      role: null,
      project,
    })),
  );
}

/** Under which conditions these grants hold the permission; null stands for none. */
function conditionsIn(permission: Permission, grants: readonly Grant[]): (Condition | null)[] {
  return grants.flatMap((grant) => {
    if (grant === '*') return [null];
    const parts = partsOf(grant);
    return parts.permission === permission ? [parts.condition] : [];
  });
}

function conditionOf({ condition }: Reason): Condition | null {
  return condition;
}
