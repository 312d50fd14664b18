import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORKFLOW, problemsOf, reachableFrom } from './workflow.rules.ts';
import type { Workflow } from './workflow.types.ts';

const codes = (workflow: Workflow) => problemsOf(workflow).map(({ pointer, code }) => `${pointer} ${code}`);
const [todo, doing, , done] = DEFAULT_WORKFLOW.statuses as [any, any, any, any, any];

describe('a workflow', () => {
  it('is valid as projects start with it, and leads from everywhere to everywhere else', () => {
    expect(problemsOf(DEFAULT_WORKFLOW)).toEqual([]);
    expect(reachableFrom(DEFAULT_WORKFLOW, 'done')).toEqual(['todo', 'in_progress', 'in_review', 'cancelled']);
  });

  it('needs somewhere to begin and somewhere to end', () => {
    expect(codes({ statuses: [doing], transitions: null })).toEqual([
      '/statuses category_missing',
      '/statuses category_missing',
    ]);
  });

  it('has each status and each transition once, between statuses that it has', () => {
    const statuses = [todo, doing, done, { ...doing, name: 'Again' }];
    const transitions = [
      { from: 'todo', to: 'in_progress' },
      { from: 'todo', to: 'in_progress' },
      { from: 'nowhere', to: 'done' },
      { from: 'todo', to: 'nowhere' },
      { from: 'done', to: 'done' },
    ];
    expect(codes({ statuses, transitions })).toEqual([
      '/statuses/3/key repeated',
      '/transitions/1 repeated',
      '/transitions/2/from unknown_status',
      '/transitions/3/to unknown_status',
      '/transitions/4/to same_status',
    ]);
  });

  it('leads where its transitions lead, in the order of its statuses', () => {
    const transitions = [
      { from: 'todo', to: 'done' },
      { from: 'todo', to: 'in_progress' },
    ];
    const workflow = { statuses: [todo, doing, done], transitions };
    expect(reachableFrom(workflow, 'todo')).toEqual(['in_progress', 'done']);
    expect(reachableFrom(workflow, 'done')).toEqual([]);
  });
});
