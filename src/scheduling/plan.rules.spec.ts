import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEPENDENCY_TYPES } from '../dependencies/dependencies.types.ts';
import type { WorkPattern } from '../platform/dates/work-pattern.ts';
import { planOf } from './plan.rules.ts';
import type { PlanInput, PlanTask } from './scheduling.types.ts';
import { dateOf, dayNumber } from './working-calendar.rules.ts';

const FIRST_DAY = dayNumber('2035-01-01');

const day = fc.integer({ min: -30, max: 60 }).map((days) => dateOf(FIRST_DAY + days));
/** Two days in their order, or one of them, or none. */
const dates = fc
  .tuple(fc.option(day), fc.option(day))
  .map(([a, b]): [string | null, string | null] => (a !== null && b !== null && b < a ? [b, a] : [a, b]));
const hours = fc.integer({ min: 0, max: 4_000 }).map((hundredths) => hundredths / 100);
const week = fc
  .array(fc.constantFrom(0, 90, 240, 480), { minLength: 7, maxLength: 7 })
  .filter((minutes) => minutes.some((each) => each > 0));

const task = fc
  .record({
    statusCategory: fc.constantFrom('todo' as const, 'todo' as const, 'doing' as const, 'done' as const),
    assigneeId: fc.constantFrom(null, 'pia', 'tom'),
    dates,
    estimatedHours: fc.option(hours),
    remainingHours: fc.option(hours, { freq: 1 }),
    actualHours: hours,
    startedOn: fc.integer({ min: -20, max: 0 }).map((days) => dateOf(FIRST_DAY + days)),
  })
  .map(({ dates: [startDate, dueDate], ...fields }): Omit<PlanTask, 'id'> => {
    const isDone = fields.statusCategory === 'done';
    return {
      ...fields,
      title: 'A task',
      status: fields.statusCategory,
      milestoneId: null,
      startDate,
      dueDate,
      completedOn: isDone ? fields.startedOn : null,
    };
  });

const input = fc
  .record({
    tasks: fc.array(task, { minLength: 1, maxLength: 8 }),
    links: fc.array(
      fc.tuple(fc.nat(7), fc.nat(7), fc.constantFrom(...DEPENDENCY_TYPES), fc.integer({ min: -3, max: 3 })),
      {
        maxLength: 8,
      },
    ),
    weeks: fc.tuple(week, week, week),
  })
  .map(({ tasks, links, weeks: [organisation, pia, tom] }): PlanInput => {
    const pattern = (minutes: number[]): WorkPattern => ({
      // From a Thursday, 1970-01-01, on; the weeks of the generator begin with one.
      weeks: [{ from: -Infinity, minutes: [...minutes.slice(4), ...minutes.slice(0, 4)] }],
      holidays: new Set(),
      absences: [],
    });
    return {
      startOn: dateOf(FIRST_DAY),
      endDate: null,
      tasks: tasks.map((each, i) => ({ ...each, id: String(i) })),
      dependencies: links
        .filter(([a, b]) => a < b && b < tasks.length)
        .map(([a, b, type, lag], i) => ({
          ...{ id: `d${i}`, taskId: String(b), dependsOnTaskId: String(a), type },
          ...(i % 2 === 0 ? { lagHours: lag, lagDays: null } : { lagHours: null, lagDays: lag }),
        })),
      milestones: [],
      organisation: pattern(organisation),
      mostDays: Infinity,
      people: new Map([
        ['pia', pattern(pia)],
        ['tom', pattern(tom)],
      ]),
    };
  });

describe('any plan', () => {
  it('whose dates are written gives the same dates the next time', () => {
    fc.assert(
      fc.property(input, (first) => {
        const datesOf = (each: PlanInput) =>
          new Map(
            planOf(each).tasks.map(({ id, earliestStart, earliestFinish }) => [id, [earliestStart, earliestFinish]]),
          );
        const found = datesOf(first);
        const written = first.tasks.map((each) => {
          const [startDate, dueDate] = found.get(each.id)! as [string, string];
          return each.statusCategory === 'done' ? each : { ...each, startDate, dueDate };
        });
        expect(datesOf({ ...first, tasks: written })).toEqual(found);
      }),
      { numRuns: 400 },
    );
  });

  it('starts nothing behind its finish, and nothing open before its first day', () => {
    fc.assert(
      fc.property(input, (each) => {
        for (const { statusCategory, earliestStart, earliestFinish, latestStart, latestFinish } of planOf(each).tasks) {
          expect(earliestStart <= earliestFinish).toBe(true);
          expect(latestStart === null || latestStart <= latestFinish!).toBe(true);
          if (statusCategory === 'todo') expect(earliestStart >= each.startOn).toBe(true);
        }
      }),
    );
  });
});
