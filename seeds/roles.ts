import type { Grant } from '../src/platform/access/permissions.ts';

export interface RoleSeed {
  key: string;
  name: string;
  level: number;
  grants: Grant[];
}

/** What every new tenant starts with. Their grants are part of the product and cannot be edited by a tenant. */
export const BUILT_IN_ROLES: RoleSeed[] = [
  { key: 'owner', name: 'Owner', level: 50, grants: ['*'] },
  {
    key: 'admin',
    name: 'Admin',
    level: 40,
    grants: [
      'tenant.read',
      'audit.read',
      'user.read',
      'user.create',
      'user.invite',
      'user.update',
      'role.read',
      'team.read',
      'team.create',
      'team.update',
      'team.delete',
      'key.create',
      'key.manage',
      'project.read',
      'project.create',
      'project.update',
      'project.delete',
      'task.read',
      'task.create',
      'task.update',
      'task.delete',
      'task.comment',
      'time.log',
      'time.manage',
      'analytics.read',
    ],
  },
  {
    key: 'manager',
    name: 'Manager',
    level: 30,
    grants: [
      'user.read',
      'key.create',
      'role.read',
      'team.read',
      'team.update:lead',
      'key.create',
      'project.read',
      'project.create',
      'project.update:member',
      'task.read:member',
      'task.create:member',
      'task.update:member',
      'task.delete:member',
      'task.comment:member',
      'time.log:member',
      'time.manage:member',
      'analytics.read:member',
    ],
  },
  {
    key: 'member',
    name: 'Member',
    level: 20,
    grants: [
      'user.read',
      'team.read',
      'team.update:lead',
      'key.create',
      'project.read:member',
      'task.read:member',
      'task.create:member',
      'task.update:involved',
      'task.comment:member',
      'time.log:member',
    ],
  },
  { key: 'viewer', name: 'Viewer', level: 10, grants: ['project.read:member', 'task.read:member'] },
  // Nothing that a role in a project would not give: so that somebody without a project gets empty lists, not refusals.
  { key: 'guest', name: 'Guest', level: 5, grants: ['project.read:member', 'task.read:member'] },
];
