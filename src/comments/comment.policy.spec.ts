import { describe, expect, it } from '@jest/globals';
import { BUILT_IN_ROLES } from '../../seeds/roles.ts';
import type { Actor } from '../platform/access/actor.ts';
import { canChangeComment, canComment, canDeleteComment } from './comment.policy.ts';

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

const inside = { projectRole: 'viewer' as const };
const outside = { projectRole: null };

describe('commenting', () => {
  it.each([
    ['owner', true, true],
    ['admin', true, true],
    ['manager', true, false],
    ['member', true, false],
    ['viewer', false, false],
  ])('is open to a %s as a member of the project: %s; else: %s', (role, asMember, else_) => {
    expect([canComment(actor(role), inside), canComment(actor(role), outside)]).toEqual([asMember, else_]);
  });
});

describe('a comment', () => {
  const mine = { authorId: 'me' };
  const theirs = { authorId: 'somebody' };

  it('is changed by its author alone', () => {
    expect(canChangeComment(actor('member'), mine, inside)).toBe(true);
    expect(canChangeComment(actor('owner'), theirs, inside)).toBe(false);
    expect(canChangeComment(actor('viewer'), mine, inside)).toBe(false);
  });

  it('is removed by its author or by those who may delete tasks', () => {
    expect(canDeleteComment(actor('member'), mine, inside)).toBe(true);
    expect(canDeleteComment(actor('member'), theirs, inside)).toBe(false);
    expect(canDeleteComment(actor('manager'), theirs, inside)).toBe(true);
  });
});
