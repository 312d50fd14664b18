import { describe, expect, it } from '@jest/globals';
import { connectedTo, wayBetween, type Edge } from './dependency.rules.ts';

/** `b<a`: b waits for a. */
const edges = (...texts: string[]): Edge[] =>
  texts.map((text) => {
    const [taskId, dependsOnTaskId] = text.split('<') as [string, string];
    return { taskId, dependsOnTaskId };
  });

describe('wayBetween', () => {
  it('is a shortest one', () => {
    expect(wayBetween(edges('d<c', 'c<b', 'b<a', 'd<b'), 'd', 'a')).toEqual(['d', 'b', 'a']);
  });

  it('of a task to itself is the task', () => {
    expect(wayBetween([], 'a', 'a')).toEqual(['a']);
  });

  it('is null against the direction', () => {
    expect(wayBetween(edges('b<a'), 'a', 'b')).toBeNull();
  });
});

describe('connectedTo', () => {
  const all = edges('b<a', 'c<b', 'x<a', 'c<y');

  it('goes up and down, and does not turn round', () => {
    expect([...connectedTo(all, 'b', () => true)].sort()).toEqual(['a', 'b', 'c']);
  });

  it('ends at what is not shown', () => {
    expect([...connectedTo(all, 'c', (id) => id !== 'b')].sort()).toEqual(['c', 'y']);
  });
});
