import { describe, expect, it } from '@jest/globals';
import { days, limit } from './options.ts';

describe('a limit on the command line', () => {
  it('is a number or none, and many are collected', () => {
    expect(limit('users=50')).toEqual({ users: 50 });
    expect(limit('projects=none', { users: 50 })).toEqual({ users: 50, projects: null });
    expect(limit('users=0', { users: 50 })).toEqual({ users: 0 });
  });

  it.each([
    '',
    'users',
    'users=',
    'users= ',
    'users=many',
    'users=-1',
    'users=1.5',
    'users=1=2',
    'toString=1',
    'people=1',
  ])('is not %j', (text) => {
    expect(() => limit(text)).toThrow(/such as users=50/);
  });
});

describe('days on the command line', () => {
  it.each([
    ['0', 0],
    ['0.5', 0.5],
    ['3650', 3_650],
  ])('are %j', (text, value) => {
    expect(days(text)).toBe(value);
  });

  it.each(['', ' ', '-1', 'x', '3651', '1e300', 'Infinity'])('are not %j', (text) => {
    expect(() => days(text)).toThrow(/a number/);
  });
});
