import { describe, expect, it } from '@jest/globals';
import { BUILT_IN_ROLES } from '../../seeds/roles.ts';
import type { Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { Grant } from '../platform/access/permissions.ts';
import {
  canCreateTask,
  canDeleteTask,
  canReadTasks,
  canUpdateTask,
  couldReadTasks,
  tiesToTask,
} from './task.policy.ts';

function actor(roleKey: string): Actor {
  const role = BUILT_IN_ROLES.find(({ key }) => key === roleKey)!;
  return {
    kind: 'user',
    userId: 'me',
    sessionId: null,
    authenticatedAt: null,
    mustEnrol: false,
    roles: [roleKey],
    level: role.level,
    grants: new Set(role.grants),
    projectRoles: [],
  };
}

const others = { assigneeId: 'somebody', reporterId: 'somebody' };
const assigned = { assigneeId: 'me', reporterId: 'somebody' };
const reported = { assigneeId: null, reporterId: 'me' };
const outside = { projectRole: null };
const inside = { projectRole: 'viewer' as const };

function verbs(role: string, task: typeof others | typeof reported, ties: typeof outside | typeof inside): string {
  const who = actor(role);
  return [
    canReadTasks(who, ties) && 'read',
    canCreateTask(who, ties) && 'create',
    canUpdateTask(who, tiesToTask(who, task, ties)) && 'update',
    canDeleteTask(who, tiesToTask(who, task, ties)) && 'delete',
  ]
    .filter(Boolean)
    .join(' ');
}

describe('the tasks of a project', () => {
  it.each([
    ['owner', 'read create update delete'],
    ['admin', 'read create update delete'],
    ['manager', ''],
    ['member', ''],
    ['viewer', ''],
  ])('of which a %s is no member are open to: %s', (role, expected) => {
    expect(verbs(role, others, outside)).toBe(expected);
    // Being the assignee of a task in a project one has left opens nothing.
    expect(verbs(role, assigned, outside)).toBe(expected);
  });

  it.each([
    ['manager', 'read create update delete', 'read create update delete'],
    ['member', 'read create', 'read create update'],
    ['viewer', 'read', 'read'],
  ])('of which a %s is a member are open to: %s; when involved: %s', (role, expected, whenInvolved) => {
    expect(verbs(role, others, inside)).toBe(expected);
    expect(verbs(role, assigned, inside)).toBe(whenInvolved);
    expect(verbs(role, reported, inside)).toBe(whenInvolved);
  });

  it('are managed by a viewer of the organisation who manages the project', () => {
    expect(canDeleteTask(actor('viewer'), { projectRole: 'manager' })).toBe(true);
  });

  it('may be open to the assignee alone', () => {
    const contractor = { ...actor('viewer'), grants: new Set<Grant>(['task.delete:assignee']) };
    const may = (task: typeof assigned | typeof reported, ties: Ties) =>
      canDeleteTask(contractor, tiesToTask(contractor, task, ties));
    expect([may(assigned, inside), may(reported, inside), may(assigned, outside)]).toEqual([true, false, false]);
  });

  it('may be nowhere, somewhere or everywhere in a project', () => {
    const reader = {
      ...actor('viewer'),
      grants: new Set<Grant>(['task.read:assignee']),
      key: { id: 'key', scopes: new Set<Grant>(['task.read:assignee']), requestsPerMinute: null },
    };
    expect([couldReadTasks(reader, outside), couldReadTasks(reader, inside)]).toEqual([false, true]);
    expect([canReadTasks(reader, inside), canReadTasks(actor('viewer'), inside)]).toEqual([false, true]);
  });
});
