import { describe, expect, it } from '@jest/globals';
import { covers, narrow, problemOfGrant } from './grants.ts';
import { PROJECT_ROLES, PROJECT_ROLE_GRANTS, type Grant } from './permissions.ts';

const held = (...grants: Grant[]) => new Set(grants);

describe('a text', () => {
  it.each([
    ['task.update', null],
    ['task.update:assignee', null],
    ['team.update:lead', null],
    ['*', 'unknown_permission'],
    ['task.fly', 'unknown_permission'],
    ['toString', 'unknown_permission'],
    ['task.update:', 'condition_does_not_fit'],
    ['task.update:constructor', 'condition_does_not_fit'],
    ['task.update:lead', 'condition_does_not_fit'],
    ['task.create:assignee', 'condition_does_not_fit'],
    ['project.create:member', 'condition_does_not_fit'],
    ['task.update:member:member', 'unknown_permission'],
  ])('%s is a grant, or is none because of: %s', (text, problem) => {
    expect(problemOfGrant(text)).toBe(problem);
  });
});

describe('a grant', () => {
  it('is covered by itself, by the permission without a condition, and by everything', () => {
    for (const holder of [held('task.update:assignee'), held('task.update'), held('*')])
      expect(covers(holder, 'task.update:assignee')).toBe(true);
  });

  it('is covered by a wider condition, and by no narrower one', () => {
    expect(covers(held('task.update:member'), 'task.update:assignee')).toBe(true);
    expect(covers(held('task.update:involved'), 'task.update:reporter')).toBe(true);
    expect(covers(held('task.update:assignee'), 'task.update:involved')).toBe(false);
    expect(covers(held('task.update:member'), 'task.update')).toBe(false);
    expect(covers(held('task.update:owner'), 'task.update:team')).toBe(false);
  });

  it('is not covered by another permission, and everything by nothing else', () => {
    expect(covers(held('task.read', 'task.delete'), 'task.update:assignee')).toBe(false);
    expect(covers(held('task.update'), '*')).toBe(false);
  });
});

describe('what an API key leaves of its owner', () => {
  it('is the narrower of each two', () => {
    expect(narrow(['*'], held('task.read:member', 'user.read'))).toEqual(['task.read:member', 'user.read']);
    expect(narrow(['task.read:member', 'user.read'], held('task.read'))).toEqual(['task.read:member']);
    expect(narrow(['task.update:member'], held('task.update:assignee'))).toEqual(['task.update:assignee']);
  });

  it('is nothing where neither lies within the other', () => {
    expect(narrow(['task.update:assignee', 'task.read'], held('task.update:reporter', 'task.delete'))).toEqual([]);
  });
});

describe('the roles in a project', () => {
  it('each hold what the lower ones hold, so that the highest of several counts', () => {
    PROJECT_ROLES.slice(1).forEach((lower, i) => {
      const higher = held(...PROJECT_ROLE_GRANTS[PROJECT_ROLES[i]!]);
      expect(PROJECT_ROLE_GRANTS[lower].filter((grant) => !covers(higher, grant))).toEqual([]);
    });
  });
});
