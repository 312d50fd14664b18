import { describe, expect, it } from '@jest/globals';
import { projectMetrics } from './project-metrics.rules.ts';

const STATUSES = ['todo', 'done', 'cancelled'];
const NOTHING = {
  tasks: 0,
  done: 0,
  cancelled: 0,
  overdue: 0,
  unassigned: 0,
  estimatedHours: null,
  completedEstimatedHours: null,
};

describe('the metrics of a project', () => {
  it('have no completion while nothing is in scope', () => {
    expect(projectMetrics('p', '2026-05-01', [], NOTHING, STATUSES).completion).toBeNull();
    const cancelled = { ...NOTHING, tasks: 2, cancelled: 2 };
    expect(projectMetrics('p', '2026-05-01', [], cancelled, STATUSES).completion).toBeNull();
  });

  it('leave cancelled tasks out of the completion', () => {
    const totals = {
      ...NOTHING,
      tasks: 5,
      done: 1,
      cancelled: 2,
      estimatedHours: '10.30',
      completedEstimatedHours: '0.10',
    };
    const metrics = projectMetrics(
      'p',
      '2026-05-01',
      [{ status: 'done', category: 'done', tasks: 1 }],
      totals,
      STATUSES,
    );
    expect(metrics.completion).toBe(0.3333);
    expect(metrics.tasks.open).toBe(2);
    expect(metrics.hours).toEqual({ estimated: 10.3, completed: 0.1, remaining: 10.2 });
    expect(metrics.tasks.byStatus).toEqual({ todo: 0, done: 1, cancelled: 0 });
  });
});
