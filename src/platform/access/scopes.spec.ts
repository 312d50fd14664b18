import { describe, expect, it } from '@jest/globals';
import { can, couldEver } from './abilities.ts';
import { ANONYMOUS, type Actor } from './actor.ts';
import type { Grant } from './permissions.ts';
import { covers, intersectionOf } from './scopes.ts';

const setOf = (...grants: Grant[]) => new Set<Grant>(grants);

describe('a grant', () => {
  it.each<[Grant, Grant, boolean]>([
    ['*', 'task.read', true],
    ['*', '*', true],
    ['task.read', '*', false],
    ['task.read', 'task.read', true],
    ['task.read', 'task.read:involved', true],
    ['task.read:member', 'task.read:involved', true],
    ['task.read:involved', 'task.read:member', false],
    ['task.read:member', 'task.read', false],
    ['task.read', 'task.update', false],
  ])('%s covers %s: %s', (held, wanted, expected) => {
    expect(covers(setOf(held), wanted)).toBe(expected);
  });
});

describe('what two sets of grants have in common', () => {
  it.each<[Grant[], Grant[], Grant[]]>([
    [['*'], ['task.read', 'user.read'], ['task.read', 'user.read']],
    [['task.read'], ['task.read:member'], ['task.read:member']],
    [['task.update:member'], ['task.update:involved'], ['task.update:involved']],
    [['task.read'], ['task.update'], []],
    [['*'], ['*'], ['*']],
  ])('of %j and %j is %j', (one, other, common) => {
    expect([...intersectionOf(setOf(...one), setOf(...other))].sort()).toEqual(common.sort());
    expect([...intersectionOf(setOf(...other), setOf(...one))].sort()).toEqual(common.sort());
  });
});

describe('a key of somebody who manages a project', () => {
  const key = (...scopes: Grant[]): Actor => ({
    ...ANONYMOUS,
    kind: 'key',
    projectRoles: ['manager'],
    key: { id: 'k', scopes: setOf(...scopes), requestsPerMinute: null },
  });

  it('does there what its scopes say, and nothing else that the role permits', () => {
    const ties = { projectRole: 'manager' } as const;
    expect(can(key('task.read'), 'task.read', ties)).toBe(true);
    expect(can(key('task.read:member'), 'task.read', ties)).toBe(true);
    expect(can(key('task.read'), 'task.delete', ties)).toBe(false);
    expect(can(key('task.update:involved'), 'task.update', ties)).toBe(false);
    expect(can(key('task.update:involved'), 'task.update', { ...ties, involved: true })).toBe(true);
    expect(can(key('task.read'), 'task.read', { projectRole: null })).toBe(false);
    expect(couldEver(key('task.read'), 'task.read')).toBe(true);
    expect(couldEver(key('task.read'), 'task.delete')).toBe(false);
  });
});
