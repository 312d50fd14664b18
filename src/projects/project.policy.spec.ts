import { describe, expect, it } from '@jest/globals';
import { BUILT_IN_ROLES } from '../../seeds/roles.ts';
import { reachOf } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { Grant, ProjectRole } from '../platform/access/permissions.ts';
import { canDelete, canRead, canUpdate, lackingToGive } from './project.policy.ts';

function actor(roleKey: string): Actor {
  const role = BUILT_IN_ROLES.find(({ key }) => key === roleKey)!;
  return {
    kind: 'user',
    userId: roleKey,
    sessionId: null,
    authenticatedAt: null,
    mustEnrol: false,
    roles: [roleKey],
    level: role.level,
    grants: new Set(role.grants),
    projectRoles: [],
  };
}

const outside = { projectRole: null };
const inside = (projectRole: ProjectRole) => ({ projectRole });

describe('a project', () => {
  it.each([
    ['owner', true, true, true],
    ['admin', true, true, true],
    ['manager', true, false, false],
    ['member', false, false, false],
    ['viewer', false, false, false],
  ])('of which a %s is no member may be read %s, updated %s, deleted %s', (role, reads, updates, deletes) => {
    expect([canRead(actor(role), outside), canUpdate(actor(role), outside), canDelete(actor(role), outside)]).toEqual([
      reads,
      updates,
      deletes,
    ]);
  });

  it.each([
    ['manager', true, true, false],
    ['member', true, false, false],
    ['viewer', true, false, false],
  ])('of which a %s is a member may be read %s, updated %s, deleted %s', (role, reads, updates, deletes) => {
    const ties = inside('viewer');
    expect([canRead(actor(role), ties), canUpdate(actor(role), ties), canDelete(actor(role), ties)]).toEqual([
      reads,
      updates,
      deletes,
    ]);
  });

  it('is updated by a viewer of the organisation who manages it, and only that one', () => {
    expect(canUpdate(actor('viewer'), inside('manager'))).toBe(true);
    expect(canUpdate(actor('viewer'), inside('member'))).toBe(false);
    expect(canUpdate(actor('viewer'), outside)).toBe(false);
  });
});

describe('the reach of a permission', () => {
  it('is every project for those who hold it without a condition', () => {
    expect(reachOf(actor('manager'), 'project.read')).toBe('all projects');
  });

  it('is the own projects for those who hold it as a member', () => {
    const roles = ['manager', 'member', 'viewer'];
    expect(reachOf(actor('member'), 'task.read')).toEqual([{ condition: 'member', roles }]);
  });

  it('is the managed projects for what only their managers may do', () => {
    expect(reachOf(actor('member'), 'analytics.read')).toEqual([{ condition: 'member', roles: ['manager'] }]);
  });
});

describe('a role in a project', () => {
  it.each([
    ['admin', null, 'manager', null],
    ['manager', 'viewer', 'manager', null],
    ['viewer', 'manager', 'manager', null],
    ['viewer', 'member', 'manager', 'project.update'],
    ['viewer', 'member', 'member', null],
    ['viewer', 'viewer', 'member', 'task.create'],
  ] as const)('is given by a %s who is a %s there, as %s, unless they lack %s', (role, own, given, lacking) => {
    expect(lackingToGive(actor(role), given, { projectRole: own })).toBe(lacking);
  });

  it('is not given beyond what one may do there, although one may change the members', () => {
    const staff = { ...actor('viewer'), grants: new Set<Grant>(['project.update', 'project.read']) };
    expect(lackingToGive(staff, 'viewer', outside)).toBe('task.read');
    expect(lackingToGive(staff, 'viewer', inside('viewer'))).toBeNull();
    expect(lackingToGive(staff, 'manager', inside('viewer'))).toBe('task.create');
  });
});
