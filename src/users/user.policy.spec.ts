import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../platform/access/actor.ts';
import type { Grant } from '../platform/access/permissions.ts';
import {
  refusalToChange,
  refusalToDeactivate,
  refusalToDelete,
  refusalToGrant,
  refusalToHandOver,
  type Standing,
} from './user.policy.ts';

const LEVELS = { owner: 50, admin: 40, manager: 30, member: 20, viewer: 10 };

function actor(role: keyof typeof LEVELS): Actor {
  return {
    kind: 'user',
    userId: `the ${role}`,
    sessionId: null,
    authenticatedAt: null,
    mustEnrol: false,
    roles: [role],
    level: LEVELS[role],
    grants: new Set(),
    projectRoles: [],
  };
}

function person(role: keyof typeof LEVELS): Standing {
  return { id: `another ${role}`, level: LEVELS[role], isOwner: role === 'owner' };
}

describe('changing a person', () => {
  it('is open to an owner, whoever it is', () => {
    for (const role of Object.keys(LEVELS) as (keyof typeof LEVELS)[]) {
      expect(refusalToChange(actor('owner'), person(role))).toBeNull();
    }
  });

  it('is open to an admin for everybody but owners', () => {
    expect(refusalToChange(actor('admin'), person('admin'))).toBeNull();
    expect(refusalToChange(actor('admin'), person('viewer'))).toBeNull();
    expect(refusalToChange(actor('admin'), person('owner'))).toMatch(/owner/);
  });
});

describe('giving a role', () => {
  const role = (key: string, level: number, grants: Grant[] = []) => ({ key, level, grants });

  it('stops at the own level', () => {
    expect(refusalToGrant(actor('admin'), [role('admin', 40)])).toBeNull();
    expect(refusalToGrant(actor('admin'), [role('member', 20), role('chief', 45)])).toMatch(/chief/);
  });

  it('stops at what one holds oneself', () => {
    expect(refusalToGrant(actor('admin'), [role('auditor', 20, ['audit.read'])])).toMatch(/audit\.read/);
  });

  it('of an owner is for owners, whatever else somebody holds', () => {
    const almighty = { ...actor('admin'), level: 50, grants: new Set<Grant>(['*']) };
    expect(refusalToGrant(almighty, [role('owner', 50, ['*'])])).toMatch(/owner/);
  });
});

describe('deactivating', () => {
  it('spares oneself', () => {
    expect(refusalToDeactivate(actor('owner'), { ...person('owner'), id: 'the owner' })).toMatch(/yourself/);
    expect(refusalToDeactivate(actor('owner'), person('owner'))).toBeNull();
  });
});

describe('deleting', () => {
  it('spares oneself and those above', () => {
    expect(refusalToDelete(actor('owner'), { ...person('owner'), id: 'the owner' })).toMatch(/yourself/);
    expect(refusalToDelete(actor('admin'), person('owner'))).toMatch(/owner/);
    expect(refusalToDelete(actor('admin'), person('member'))).toBeNull();
  });

  it('hands work over only for those who could do all of it in every project', () => {
    const holding = (...grants: Grant[]) => ({ ...actor('admin'), grants: new Set(grants) });
    expect(refusalToHandOver(holding('user.delete', 'project.update:member', 'project.read'))).toMatch(
      /project.update/,
    );
    expect(refusalToHandOver(holding('*'))).toBeNull();
  });
});
