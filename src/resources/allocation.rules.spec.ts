import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween, weekdayOf } from '../platform/dates/days.ts';
import { freeIn, minutesTaken, overBy, planWeeks, ratio, toHours } from './allocation.rules.ts';
import { remediesFor, type Stand } from './remedies.rules.ts';
import type { Assignment, CapacityDay } from './resources.types.ts';

const MONDAY = '2026-06-01';

function assignment(fields: Partial<Assignment>): Assignment {
  const nothing = { id: 'a', projectId: 'p', userId: 'u', hoursPerWeek: null, percent: null };
  return { ...nothing, from: MONDAY, to: addDays(MONDAY, 6), ...fields };
}

/** Eight hours from Monday to Friday. */
function weekOf(minutes: (day: string) => number = () => 480, monday = MONDAY): CapacityDay[] {
  return daysBetween(monday, addDays(monday, 6)).map((date) => {
    const planned = weekdayOf(date) < 5 ? 480 : 0;
    return { date, planned, minutes: planned && minutes(date) };
  });
}

describe('what an assignment takes of a week', () => {
  it('follows what is worked where it is a share', () => {
    expect(minutesTaken(assignment({ percent: 50 }), weekOf())).toBe(1_200);
    const holiday = weekOf((day) => (day === '2026-06-03' ? 0 : 480));
    expect(minutesTaken(assignment({ percent: 50 }), holiday)).toBe(960);
    expect(minutesTaken(assignment({ percent: 50, from: '2026-06-04' }), weekOf())).toBe(480);
  });

  it('is what was promised where it is hours, whatever is worked', () => {
    expect(minutesTaken(assignment({ hoursPerWeek: 20 }), weekOf())).toBe(1_200);
    expect(
      minutesTaken(
        assignment({ hoursPerWeek: 20 }),
        weekOf(() => 0),
      ),
    ).toBe(1_200);
    expect(minutesTaken(assignment({ hoursPerWeek: 20, to: '2026-06-02' }), weekOf())).toBe(480);
    expect(minutesTaken(assignment({ hoursPerWeek: 20, from: '2026-06-06' }), weekOf())).toBe(0);
    const never = weekOf().map((day) => ({ ...day, planned: 0, minutes: 0 }));
    expect(minutesTaken(assignment({ hoursPerWeek: 7, from: '2026-06-06' }), never)).toBe(120);
  });
});

describe('a figure', () => {
  it('has two decimals as hours and four as a share, and no share of nothing', () => {
    expect([toHours(100), ratio(1, 3), ratio(5, 0), ratio(0, 60)]).toEqual([1.67, 0.3333, null, 0]);
  });
});

/** Whole weeks of somebody, and what they are planned for. */
const plans = fc.record({
  days: fc
    .array(fc.record({ planned: fc.constantFrom(0, 240, 480), off: fc.integer({ min: 0, max: 480 }) }), {
      minLength: 4 * 7,
      maxLength: 4 * 7,
    })
    .map((all) =>
      all.map(({ planned, off }, i) => ({
        date: addDays(MONDAY, i),
        planned,
        minutes: Math.max(0, planned - (off > 300 ? off : 0)),
      })),
    ),
  assignments: fc.array(
    fc
      .record({
        start: fc.integer({ min: -10, max: 30 }),
        length: fc.integer({ min: 0, max: 30 }),
        amount: fc.integer({ min: 1, max: 60 }),
        isShare: fc.boolean(),
        project: fc.constantFrom('p', 'q', 'r'),
      })
      .map(({ start, length, amount, isShare, project }) =>
        assignment({
          id: `${project} ${start} ${length} ${amount} ${isShare}`,
          projectId: project,
          from: addDays(MONDAY, start),
          to: addDays(MONDAY, start + length),
          ...(isShare ? { percent: amount * 2 } : { hoursPerWeek: amount }),
        }),
      ),
    { maxLength: 5 },
  ),
});

/** The slow way: day by day, each on its own. */
function dayByDay(days: CapacityDay[], assignments: Assignment[]): number[] {
  return days.map((day, i) => {
    const monday = i - (i % 7);
    let working = 0;
    for (let d = monday; d < monday + 7; d++) if (days[d]!.planned > 0) working += 1;
    let minutes = 0;
    for (const { from, to, percent, hoursPerWeek } of assignments) {
      if (day.date < from || day.date > to) continue;
      if (percent !== null) minutes += day.minutes * (percent / 100);
      else if (working === 0) minutes += (hoursPerWeek! * 60) / 7;
      else if (day.planned > 0) minutes += (hoursPerWeek! * 60) / working;
    }
    return minutes;
  });
}

describe('planned weeks', () => {
  it('are the sums of their days', () => {
    fc.assert(
      fc.property(plans, ({ days, assignments }) => {
        const weeks = planWeeks(days, assignments);
        const minutes = dayByDay(days, assignments);
        expect(weeks.map(({ week }) => week)).toEqual([0, 7, 14, 21].map((day) => addDays(MONDAY, day)));
        weeks.forEach((week, w) => {
          const sum = (values: number[]) => values.slice(w * 7, w * 7 + 7).reduce((total, each) => total + each, 0);
          expect(week.allocated).toBeCloseTo(sum(minutes), 6);
          expect(week.capacity).toBe(sum(days.map((day) => day.minutes)));
          const excess = sum(minutes) - week.capacity;
          if (Math.abs(excess) > 1) expect(overBy(week)).toBeCloseTo(Math.max(0, excess), 6);
          expect(freeIn(week)).toBeCloseTo(Math.max(0, -excess), 6);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('that are full are not over-allocated by the dust of adding up', () => {
    const thirds = [1, 2, 3].map((id) => assignment({ id: `${id}`, percent: 33.33 }));
    expect(overBy(planWeeks(weekOf(), [...thirds, assignment({ percent: 0.01 })])[0]!)).toBe(0);
    expect(overBy(planWeeks(weekOf(), [...thirds, assignment({ percent: 1 })])[0]!)).toBeGreaterThan(20);
  });
});

describe('the remedies of a week that was promised twice', () => {
  const days = [...weekOf(), ...weekOf(undefined, '2026-06-08'), ...weekOf(undefined, '2026-06-15')];
  const long = assignment({ id: 'long', hoursPerWeek: 30, to: '2026-06-21' });
  const short = assignment({ id: 'short', projectId: 'q', hoursPerWeek: 20, from: '2026-06-08', to: '2026-06-14' });
  const weeks = planWeeks(days, [long, short]);
  const stands: Stand[] = [
    { userId: 'ann', projectIds: new Set(['p']), freeMinutes: 1_200 },
    { userId: 'ben', projectIds: new Set(['p', 'q']), freeMinutes: 600 },
    { userId: 'cem', projectIds: new Set(['q']), freeMinutes: 599 },
    { userId: 'u', projectIds: new Set(['p', 'q']), freeMinutes: 9_999 },
  ];

  it('move what is too much to a week or a person with room', () => {
    const known = remediesFor(weeks[1]!, weeks, stands, () => true);
    const common = { minutes: 600, resolves: true };
    expect(known).toHaveLength(5);
    expect(known).toEqual(
      expect.arrayContaining([
        { kind: 'shift', resourceId: 'long', projectId: 'p', ...common, toWeek: '2026-06-15', freeMinutes: 600 },
        { kind: 'shift', resourceId: 'short', projectId: 'q', ...common, toWeek: '2026-06-15', freeMinutes: 600 },
        { kind: 'hand_over', resourceId: 'long', projectId: 'p', ...common, userId: 'ann', freeMinutes: 1_200 },
        { kind: 'hand_over', resourceId: 'long', projectId: 'p', ...common, userId: 'ben', freeMinutes: 600 },
        { kind: 'hand_over', resourceId: 'short', projectId: 'q', ...common, userId: 'ben', freeMinutes: 600 },
      ]),
    );
  });

  it('shorten what begins or ends there', () => {
    const later = planWeeks(days, [long, { ...short, to: '2026-06-30' }]);
    const [remedy] = remediesFor(later[1]!, later, [], () => true).filter(({ kind }) => kind === 'shorten');
    expect(remedy).toEqual({
      kind: 'shorten',
      resourceId: 'short',
      projectId: 'q',
      minutes: 1_200,
      resolves: true,
      from: '2026-06-15',
      to: '2026-06-30',
    });
    const [last] = remediesFor(later[2]!, later, [], () => true).filter(({ kind }) => kind === 'shorten');
    expect(last).toMatchObject({ resourceId: 'long', from: MONDAY, to: '2026-06-14', resolves: true });
  });

  it('speak of known projects alone, and of nothing where nothing is wrong', () => {
    const known = remediesFor(weeks[1]!, weeks, stands, (projectId) => projectId === 'q');
    expect(known.map(({ projectId }) => projectId)).toEqual(['q', 'q']);
    expect(remediesFor(weeks[0]!, weeks, stands, () => true)).toEqual([]);
  });

  it('never take more than there is, nor put it where there is no room', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 3_000 }), ({ days: own, assignments }, freeMinutes) => {
        const planned = planWeeks(own, assignments);
        const helper = { userId: 'v', projectIds: new Set(['p', 'q']), freeMinutes };
        for (const week of planned) {
          for (const remedy of remediesFor(week, planned, [helper], () => true)) {
            const share = week.shares.find(({ assignment: { id } }) => id === remedy.resourceId)!;
            expect(remedy.minutes).toBeLessThanOrEqual(share.minutes + 1e-6);
            expect(remedy.resolves).toBe(remedy.minutes >= overBy(week));
            if (remedy.kind === 'shorten') expect(remedy.from <= remedy.to).toBe(true);
            else expect(remedy.freeMinutes).toBeGreaterThanOrEqual(remedy.minutes);
            if (remedy.kind !== 'shift') continue;
            const target = planned.find((each) => each.week === remedy.toWeek)!;
            expect(target.allocated + remedy.minutes).toBeLessThanOrEqual(target.capacity + 1e-6);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
