import { describe, expect, it } from '@jest/globals';
import { BUILT_IN_ROLES } from '../../../seeds/roles.ts';
import { ANONYMOUS, SYSTEM, type Actor } from './actor.ts';
import type { Grant } from './permissions.ts';
import { refusalToHandle } from './role-bounds.ts';

const KEYS = ['owner', 'admin', 'manager', 'member', 'viewer', 'guest'];
const roleOf = (key: string) => BUILT_IN_ROLES.find((role) => role.key === key)!;
const actor = (key: string): Actor => ({ ...ANONYMOUS, level: roleOf(key).level, grants: new Set(roleOf(key).grants) });

describe('a role', () => {
  it('that is built in is given by those who have it and those above', () => {
    expect(BUILT_IN_ROLES.map(({ key }) => key)).toEqual(KEYS);
    const givers = (role: string) => KEYS.filter((key) => refusalToHandle(actor(key), roleOf(role)) === null);
    expect(KEYS.map((role) => [role, givers(role)])).toEqual(KEYS.map((role, i) => [role, KEYS.slice(0, i + 1)]));
    expect(refusalToHandle(SYSTEM, roleOf('owner'))).toBeNull();
  });

  it.each<[string, number, Grant[], RegExp]>([
    ['a higher level', 41, [], /above/],
    ['a permission that is lacking', 10, ['user.read', 'tenant.export'], /tenant\.export/],
    ['everything', 10, ['*'], /everything/],
  ])('with %s is out of reach', (_, level, grants, reason) => {
    expect(refusalToHandle(actor('admin'), { key: 'own', level, grants })).toMatch(reason);
  });

  it('may hold less than one holds oneself: with a condition, or a narrower one', () => {
    expect(refusalToHandle(actor('admin'), { key: 'own', level: 40, grants: ['task.delete:assignee'] })).toBeNull();
    expect(refusalToHandle(actor('manager'), { key: 'own', level: 1, grants: ['task.update:reporter'] })).toBeNull();
    expect(refusalToHandle(actor('member'), { key: 'own', level: 1, grants: ['task.update:member'] })).toMatch(
      /member/,
    );
  });
});
