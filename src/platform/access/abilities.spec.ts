import { describe, expect, it } from '@jest/globals';
import { can, couldEver, grantsWithin, reachOf, type Ties } from './abilities.ts';
import { ANONYMOUS, type Actor } from './actor.ts';
import type { Grant, ProjectRole } from './permissions.ts';

const who = (grants: Grant[], more: Partial<Actor> = {}): Actor => ({
  ...ANONYMOUS,
  userId: 'me',
  grants: new Set(grants),
  ...more,
});
const inside = (ties: Partial<Ties> = {}): Ties => ({ projectRole: 'viewer', ...ties });

describe('a condition', () => {
  it.each<[Grant, Partial<Ties>]>([
    ['task.update:member', {}],
    ['task.update:owner', { ownsProject: true }],
    ['task.update:team', { throughTeam: true }],
    ['task.update:involved', { isAssignee: true }],
    ['task.update:involved', { isReporter: true }],
    ['task.update:assignee', { isAssignee: true }],
    ['task.update:reporter', { isReporter: true }],
  ])('%s is met by %j, within the project alone', (grant, ties) => {
    expect(can(who([grant]), 'task.update', inside(ties))).toBe(true);
    expect(can(who([grant]), 'task.update', { projectRole: null, ...ties })).toBe(false);
    expect(can(who([grant]), 'task.delete', inside(ties))).toBe(false);
  });

  it.each<[Grant, Partial<Ties>]>([
    ['task.update:owner', { throughTeam: true, isAssignee: true, isReporter: true }],
    ['task.update:team', { ownsProject: true, isAssignee: true, isReporter: true }],
    ['task.update:involved', { ownsProject: true, throughTeam: true }],
    ['task.update:assignee', { ownsProject: true, throughTeam: true, isReporter: true }],
    ['task.update:reporter', { ownsProject: true, throughTeam: true, isAssignee: true }],
  ])('%s is not met by %j', (grant, ties) => {
    expect(can(who([grant]), 'task.update', inside(ties))).toBe(false);
  });

  it('of a team is met by leading it, and no project helps', () => {
    const lead = who(['team.update:lead']);
    expect(can(lead, 'team.update', { projectRole: null, leadsTeam: true })).toBe(true);
    expect(can(lead, 'team.update', { projectRole: 'manager' })).toBe(false);
    expect(couldEver(lead, 'team.update')).toBe(true);
    expect(couldEver(lead, 'team.delete')).toBe(false);
  });
});

describe('an API key', () => {
  const manager = { projectRoles: ['manager'] as ProjectRole[] };

  it('narrows what roles in projects add, too', () => {
    const key = who(['task.read:member'], {
      ...manager,
      key: { id: 'k', scopes: new Set<Grant>(['task.read']), requestsPerMinute: null },
    });
    expect(can(key, 'task.read', { projectRole: 'manager' })).toBe(true);
    expect(can(key, 'task.delete', { projectRole: 'manager' })).toBe(false);
    expect(couldEver(key, 'task.delete')).toBe(false);
    expect(couldEver(who([], manager), 'task.delete')).toBe(true);
  });

  it('may ask for less than a role in a project gives', () => {
    const key = who([], {
      ...manager,
      key: { id: 'k', scopes: new Set<Grant>(['task.update:assignee']), requestsPerMinute: null },
    });
    expect(can(key, 'task.update', { projectRole: 'manager' })).toBe(false);
    expect(can(key, 'task.update', { projectRole: 'manager', isAssignee: true })).toBe(true);
  });
});

describe('the reach of a permission', () => {
  it('names each condition with the project roles that open it', () => {
    expect(reachOf(who(['task.update:assignee']), 'task.update')).toEqual([
      { condition: 'member', roles: ['manager'] },
      { condition: 'involved', roles: ['member'] },
      { condition: 'assignee', roles: ['manager', 'member', 'viewer'] },
    ]);
  });

  it('is nothing where no condition fits', () => {
    expect(reachOf(who(['task.read:member']), 'user.read')).toEqual([]);
  });
});

describe('the grants within a project', () => {
  it('are those of both roles, with what the ties decide decided', () => {
    const actor = who(['task.delete:owner', 'task.read:assignee', 'user.read']);
    expect([...grantsWithin(actor, { projectRole: 'viewer', ownsProject: true })]).toEqual([
      'task.delete:member',
      'task.read:assignee',
      'user.read',
      'project.read:member',
      'task.read:member',
    ]);
    expect([...grantsWithin(actor, { projectRole: null })]).toEqual(['user.read']);
  });
});
