import { describe, expect, it } from '@jest/globals';
import type { PlanTask, Work } from './scheduling.types.ts';
import { workOf } from './work.rules.ts';
import { DAY, WorkingCalendar, dayNumber } from './working-calendar.rules.ts';

const FIRST_DAY = dayNumber('2035-01-01');
/** Eight hours from Monday to Friday; 1 January 1970 was a Thursday. */
const calendar = new WorkingCalendar((day) => ([5, 6].includes(((day % 7) + 10) % 7) ? 0 : 480), FIRST_DAY);

const task = (fields: Partial<PlanTask>): PlanTask => ({
  id: '1',
  title: 'A task',
  status: 'todo',
  statusCategory: 'todo',
  assigneeId: null,
  milestoneId: null,
  startDate: null,
  dueDate: null,
  estimatedHours: null,
  remainingHours: null,
  actualHours: 0,
  startedOn: null,
  completedOn: null,
  ...fields,
});

describe('what is left to do of a task', () => {
  const doing = { statusCategory: 'doing' } as const;
  const cases: [string, Partial<PlanTask>, Work][] = [
    ['what was said', { remainingHours: 3, estimatedHours: 8 }, { unit: 'hours', amount: 3, basis: 'remaining' }],
    ['nothing, when that was said', { ...doing, remainingHours: 0 }, { unit: 'hours', amount: 0, basis: 'remaining' }],
    ['the estimate', { estimatedHours: 8, actualHours: 2 }, { unit: 'hours', amount: 8, basis: 'estimate' }],
    ['no time at all', { estimatedHours: 0 }, { unit: 'hours', amount: 0, basis: 'estimate' }],
    [
      'the rest of the estimate once it has begun',
      { ...doing, estimatedHours: 8.1, actualHours: 2.05 },
      { unit: 'hours', amount: 6.05, basis: 'remaining' },
    ],
    [
      'a day when the estimate is used up',
      { ...doing, estimatedHours: 8, actualHours: 8 },
      { unit: 'days', amount: 1, basis: 'assumed' },
    ],
    [
      'the working days between its dates',
      { startDate: '2035-01-04', dueDate: '2035-01-09' },
      { unit: 'days', amount: 4, basis: 'dates' },
    ],
    [
      'those that are still to come once it has begun',
      { ...doing, startDate: '2034-12-20', dueDate: '2035-01-02' },
      { unit: 'days', amount: 2, basis: 'dates' },
    ],
    [
      'a day where nobody works between its dates',
      { startDate: '2035-01-06', dueDate: '2035-01-07' },
      { unit: 'days', amount: 1, basis: 'dates' },
    ],
    ['a day when a date is missing', { dueDate: '2035-01-09' }, { unit: 'days', amount: 1, basis: 'assumed' }],
  ];
  it.each(cases)('is %s', (_, fields, work) => {
    expect(workOf(task(fields), calendar, FIRST_DAY)).toEqual(work);
  });

  it('is found for days that no plan reaches', () => {
    const { amount } = workOf(task({ startDate: '1900-01-01', dueDate: '9999-12-31' }), calendar, FIRST_DAY);
    expect(amount).toBeGreaterThan(36_000);
  });
});

describe('a working calendar', () => {
  it('counts from its origin in both directions', () => {
    const monday = FIRST_DAY * DAY;
    expect([-5, -3, -1, 0, 4, 7].map((days) => calendar.workedBy(monday + days * DAY))).toEqual([
      -3 * 480,
      -480,
      0,
      0,
      4 * 480,
      5 * 480,
    ]);
    expect([calendar.endOf(0), calendar.beginningOf(0)]).toEqual([monday - 3 * DAY + 480, monday]);
    expect([calendar.workdaysBefore(FIRST_DAY - 7), calendar.workday(-5)]).toEqual([-5, FIRST_DAY - 7]);
  });
});
