import { describe, expect, it } from '@jest/globals';
import { ANONYMOUS, type Actor } from '../platform/access/actor.ts';
import type { Grant } from '../platform/access/permissions.ts';
import { canUpdateTeam, lackingToTakeIn } from './team.policy.ts';

const who = (...grants: Grant[]): Actor => ({ ...ANONYMOUS, userId: 'me', grants: new Set(grants) });

describe('a team', () => {
  it('is changed by those who may change all, and by its lead', () => {
    expect(canUpdateTeam(who('team.update'), null)).toBe(true);
    expect(canUpdateTeam(who('team.update:lead'), 'lead')).toBe(true);
    expect(canUpdateTeam(who('team.update:lead'), 'member')).toBe(false);
    expect(canUpdateTeam(who('team.update:lead'), null)).toBe(false);
    expect(canUpdateTeam(who('team.read'), 'lead')).toBe(false);
  });

  it('without projects takes in whomever', () => {
    expect(lackingToTakeIn(who('team.update'), null, [])).toBeNull();
  });

  it('with projects takes in nobody on the word of somebody who could not do there what it does', () => {
    const reader = who('team.update', 'project.read', 'task.read');
    expect(lackingToTakeIn(reader, null, ['viewer'])).toBeNull();
    expect(lackingToTakeIn(reader, null, ['viewer', 'member'])).toBe('task.create');
    expect(lackingToTakeIn(who('team.update', 'project.read:member'), null, ['viewer'])).toBe('project.read');
    expect(lackingToTakeIn(reader, 'lead', ['manager'])).toBeNull();
  });
});
