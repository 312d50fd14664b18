import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORKFLOW } from '../workflows/workflow.rules.ts';
import { Task } from './task.entity.ts';

const [todo, in_progress, in_review, done, cancelled] = DEFAULT_WORKFLOW.statuses as [any, any, any, any, any];
const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 9, minute));

function freshTask(): Task {
  return Object.assign(new Task(), { status: 'todo', statusCategory: 'todo', startedAt: null, completedAt: null });
}

describe('a task that moves', () => {
  it('starts when it first enters a status of the category doing, and only then', () => {
    const task = freshTask();
    task.moveTo(in_progress, at(1));
    task.moveTo(in_review, at(2));
    task.moveTo(todo, at(3));
    task.moveTo(in_progress, at(4));
    expect(task.startedAt).toEqual(at(1));
    expect(task.statusCategory).toBe('doing');
  });

  it('is completed at its last entry into done', () => {
    const task = freshTask();
    task.moveTo(done, at(1));
    task.moveTo(in_progress, at(2));
    expect(task.completedAt).toBeNull();
    task.moveTo(done, at(3));
    expect(task.completedAt).toEqual(at(3));
  });

  it('is not completed once more by going from one done status to another', () => {
    const task = freshTask();
    task.moveTo(done, at(1));
    task.moveTo({ key: 'shipped', category: 'done' }, at(2));
    expect([task.status, task.completedAt]).toEqual(['shipped', at(1)]);
  });

  it('is not completed by being cancelled', () => {
    const task = freshTask();
    task.moveTo(done, at(1));
    task.moveTo(cancelled, at(2));
    expect(task.completedAt).toBeNull();
    expect(task.statusCategory).toBe('cancelled');
  });
});
