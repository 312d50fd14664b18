import { describe, expect, it } from '@jest/globals';
import type { StatusRow } from './analytics.queries.ts';
import { projectMetrics } from './project-metrics.rules.ts';

const STATUSES = ['todo', 'done', 'cancelled'];

function row(
  status: string,
  category: StatusRow['category'],
  tasks: number,
  figures: Partial<StatusRow> = {},
): StatusRow {
  return { status, category, tasks, overdue: 0, unassigned: 0, estimatedHours: null, actualHours: '0', ...figures };
}

describe('the metrics of a project', () => {
  it('have no completion while nothing is in scope', () => {
    expect(projectMetrics('p', '2026-05-01', [], STATUSES).completion).toBeNull();
    expect(projectMetrics('p', '2026-05-01', [row('cancelled', 'cancelled', 2)], STATUSES).completion).toBeNull();
  });

  it('leave cancelled tasks out of completion, hours, overdue and unassigned', () => {
    const rows = [
      row('todo', 'todo', 2, { overdue: 1, unassigned: 2, estimatedHours: '10.20' }),
      row('done', 'done', 1, { overdue: 1, unassigned: 1, estimatedHours: '0.10', actualHours: '1.50' }),
      row('cancelled', 'cancelled', 2, { overdue: 2, unassigned: 2, estimatedHours: '99.00' }),
    ];
    expect(projectMetrics('p', '2026-05-01', rows, STATUSES)).toEqual({
      projectId: 'p',
      asOf: '2026-05-01',
      tasks: {
        total: 5,
        byStatus: { todo: 2, done: 1, cancelled: 2 },
        open: 2,
        done: 1,
        cancelled: 2,
        overdue: 1,
        unassigned: 2,
      },
      completion: 0.3333,
      hours: { estimated: 10.3, completed: 0.1, remaining: 10.2, logged: 1.5 },
    });
  });
});
