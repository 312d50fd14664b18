import { describe, expect, it } from '@jest/globals';
import { PERMISSIONS, type Grant, type ProjectRole } from '../platform/access/permissions.ts';
import { effectivePermissions, permissionsInProject } from './effective-permissions.rules.ts';
import type { ProjectSource } from './permissions.types.ts';

const role = (key: string, ...grants: Grant[]) => ({ key, grants });
const assigned = (as: ProjectRole, more: Partial<ProjectSource> = {}): ProjectSource => ({
  projectId: 'apollo',
  projectName: 'Apollo',
  role: as,
  ownsProject: false,
  teamId: null,
  teamName: null,
  ...more,
});
const of = (permission: string, list: ReturnType<typeof effectivePermissions>) =>
  list.find((each) => each.permission === permission);

describe('what somebody may do', () => {
  it('is everything for whoever holds everything', () => {
    const all = effectivePermissions([role('owner', '*')], []);
    expect(all.map((each) => each.permission)).toEqual(Object.keys(PERMISSIONS));
    expect(all.every((each) => each.everywhere && each.conditions.length === 0)).toBe(true);
  });

  it('unites roles: without a condition wins, and of conditions the widest', () => {
    const roles = [
      role('a', 'task.update:assignee', 'task.delete:member'),
      role('b', 'task.update:involved', 'task.delete'),
    ];
    const list = effectivePermissions(roles, []);
    expect(of('task.update', list)).toMatchObject({ everywhere: false, conditions: ['involved'], inProjects: false });
    expect(of('task.delete', list)).toMatchObject({ everywhere: true, conditions: [] });
    expect(of('task.update', list)!.reasons.map((reason) => [reason.role, reason.condition])).toEqual([
      ['a', 'assignee'],
      ['b', 'involved'],
    ]);
    expect(of('task.read', list)).toBeUndefined();
  });

  it('in projects alone is no condition of the organisation', () => {
    const task = of('task.delete', effectivePermissions([role('guest')], [assigned('manager')]));
    expect(task).toMatchObject({ everywhere: false, conditions: [], inProjects: true });
  });
});

describe('what somebody may do in a project', () => {
  it('has its conditions decided', () => {
    const roles = [role('own', 'task.delete:owner', 'task.update:team', 'task.comment:assignee', 'user.read')];
    const byName = permissionsInProject(roles, [assigned('viewer', { ownsProject: true })]);
    expect(of('task.delete', byName)).toMatchObject({ everywhere: true });
    expect(of('task.update', byName)).toBeUndefined();
    expect(of('task.comment', byName)).toMatchObject({ everywhere: false, conditions: ['assignee'] });
    expect(of('task.read', byName)).toMatchObject({ everywhere: true, inProjects: true });
    expect(of('user.read', byName)).toBeUndefined();
    const byTeam = permissionsInProject(roles, [assigned('viewer', { teamId: 'red', teamName: 'Red' })]);
    expect(of('task.update', byTeam)).toMatchObject({ everywhere: true });
    expect(of('task.delete', byTeam)).toBeUndefined();
  });

  it('is what holds everywhere for those who are not in it', () => {
    const list = permissionsInProject([role('own', 'project.read', 'task.read:member', 'task.comment:assignee')], []);
    expect(list.map((each) => each.permission)).toEqual(['project.read']);
  });
});
