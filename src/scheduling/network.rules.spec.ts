import { describe, expect, it } from '@jest/globals';
import { DEPENDENCY_TYPES, type DependencyType } from '../dependencies/dependencies.types.ts';
import { solve, type Activity, type Link } from './network.rules.ts';
import { NetworkCycle } from './scheduling.errors.ts';
import { POINT, minutesOfWork } from './span.rules.ts';
import { DAY, WorkingCalendar } from './working-calendar.rules.ts';

/** Everybody works all the time: figures are those of the books. */
const ALWAYS = new WorkingCalendar(() => DAY, 0);

const open = (id: string, duration: number, deadline: number | null = null): Activity => ({
  id,
  calendar: ALWAYS,
  progress: { state: 'open', span: duration === 0 ? POINT : minutesOfWork(ALWAYS, duration), from: 0 },
  deadline,
});

const link = (successor: string, predecessor: string, type: DependencyType = 'finish_to_start', amount = 0): Link => ({
  predecessor,
  successor,
  type,
  lag: { unit: 'minutes', amount },
});

/** `C: 2 after A, B` */
function networkOf(text: string): { activities: Activity[]; links: Link[] } {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => /^\s*(\w+): (\d+)(?: after (.*))?$/.exec(line)!);
  return {
    activities: lines.map(([, id, duration]) => open(id!, Number(duration))),
    links: lines.flatMap(([, id, , after]) =>
      (after ?? '')
        .split(', ')
        .filter(Boolean)
        .map((each) => link(id!, each)),
    ),
  };
}

function solved(network: { activities: Activity[]; links: Link[] }, deadline: number | null = null) {
  const { outcomes, finish } = solve({ ...network, calendar: ALWAYS, deadline });
  const by = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const row = (id: string) => {
    const { earliest, latest, totalFloat, freeFloat } = by.get(id)!;
    return [earliest.start, earliest.finish, latest!.start, latest!.finish, totalFloat, freeFloat];
  };
  return { finish, rows: (...ids: string[]) => ids.map((id) => [id, ...row(id)]), critical: criticalOf(outcomes) };
}

function criticalOf(outcomes: { id: string; isCritical: boolean }[]): string {
  return outcomes
    .filter(({ isCritical }) => isCritical)
    .map(({ id }) => id)
    .sort()
    .join(' ');
}

describe('a published network has the dates of its book', () => {
  // Hillier and Lieberman, Introduction to Operations Research, 7th edition, chapter 10: Reliable Construction Co., weeks.
  it('Reliable Construction: 44 weeks, A B C E F J L N', () => {
    const { finish, rows, critical } = solved(
      networkOf(`
        A: 2
        B: 4 after A
        C: 10 after B
        D: 6 after C
        E: 4 after C
        F: 5 after E
        G: 7 after D
        H: 9 after E, G
        I: 7 after C
        J: 8 after F, I
        K: 4 after J
        L: 5 after J
        M: 2 after H
        N: 6 after K, L`),
    );
    expect(finish).toBe(44);
    expect(critical).toBe('A B C E F J L N');
    expect(rows('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N')).toEqual([
      ['A', 0, 2, 0, 2, 0, 0],
      ['B', 2, 6, 2, 6, 0, 0],
      ['C', 6, 16, 6, 16, 0, 0],
      ['D', 16, 22, 20, 26, 4, 0],
      ['E', 16, 20, 16, 20, 0, 0],
      ['F', 20, 25, 20, 25, 0, 0],
      ['G', 22, 29, 26, 33, 4, 0],
      ['H', 29, 38, 33, 42, 4, 0],
      ['I', 16, 23, 18, 25, 2, 2],
      ['J', 25, 33, 25, 33, 0, 0],
      ['K', 33, 37, 34, 38, 1, 1],
      ['L', 33, 38, 33, 38, 0, 0],
      ['M', 38, 40, 42, 44, 4, 4],
      ['N', 38, 44, 38, 44, 0, 0],
    ]);
  });

  // Heizer and Render, Operations Management, chapter 3: Milwaukee Paper Manufacturing, weeks.
  it('Milwaukee Paper: 15 weeks, A C E G H', () => {
    const { finish, rows, critical } = solved(
      networkOf(`
        A: 2
        B: 3
        C: 2 after A
        D: 4 after A, B
        E: 4 after C
        F: 3 after C
        G: 5 after D, E
        H: 2 after F, G`),
    );
    expect(finish).toBe(15);
    expect(critical).toBe('A C E G H');
    expect(rows('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H')).toEqual([
      ['A', 0, 2, 0, 2, 0, 0],
      ['B', 0, 3, 1, 4, 1, 0],
      ['C', 2, 4, 2, 4, 0, 0],
      ['D', 3, 7, 4, 8, 1, 1],
      ['E', 4, 8, 4, 8, 0, 0],
      ['F', 4, 7, 10, 13, 6, 6],
      ['G', 8, 13, 8, 13, 0, 0],
      ['H', 13, 15, 13, 15, 0, 0],
    ]);
  });

  // Levy, Thompson and Wiest, The ABCs of the Critical Path Method, Harvard Business Review 41(5), 1963: building a house, days.
  it('The ABCs of the Critical Path Method: a house in 34 days', () => {
    const { finish, critical } = solved(
      networkOf(`
        a: 0
        b: 4 after a
        c: 2 after b
        d: 4 after c
        e: 6 after d
        f: 1 after c
        g: 2 after f
        h: 3 after f
        i: 2 after d
        j: 4 after d, g
        k: 10 after i, j, h
        l: 3 after k
        m: 1 after l
        n: 2 after l
        o: 3 after l
        p: 2 after e
        q: 1 after p
        r: 1 after c
        s: 2 after o, t
        t: 3 after m, n
        u: 1 after t
        v: 2 after q, r
        w: 5 after v
        x: 0 after s, u, w`),
    );
    expect(finish).toBe(34);
    expect(critical).toBe('a b c d j k l n s t x');
  });

  // Wikipedia, Program evaluation and review technique, expected times in hundredths of a day.
  it('the example of the encyclopaedia: 19.51 days, A C E G', () => {
    const { finish, rows, critical } = solved(
      networkOf(`
        A: 400
        B: 533
        C: 517 after A
        D: 633 after A
        E: 517 after B, C
        F: 450 after D
        G: 517 after E`),
    );
    expect(finish).toBe(1_951);
    expect(critical).toBe('A C E G');
    expect(rows('A', 'B', 'C', 'D', 'E', 'F', 'G')).toEqual([
      ['A', 0, 400, 0, 400, 0, 0],
      ['B', 0, 533, 384, 917, 384, 384],
      ['C', 400, 917, 400, 917, 0, 0],
      ['D', 400, 1_033, 868, 1_501, 468, 0],
      ['E', 917, 1_434, 917, 1_434, 0, 0],
      ['F', 1_033, 1_483, 1_501, 1_951, 468, 468],
      ['G', 1_434, 1_951, 1_434, 1_951, 0, 0],
    ]);
  });
});

describe('each type', () => {
  // Two tasks of 10 and 4; where the second one begins, with a lag of 3 and of -2.
  it.each<[DependencyType, number, number]>([
    ['finish_to_start', 13, 8],
    ['start_to_start', 3, 0],
    ['finish_to_finish', 9, 4],
    ['start_to_finish', 0, 0],
  ])('%s holds the second one until %d with a lag, and until %d with a lead', (type, late, early) => {
    const startOf = (lag: number) =>
      solved({ activities: [open('p', 10), open('s', 4)], links: [link('s', 'p', type, lag)] }).rows('s')[0]![1];
    expect([startOf(3), startOf(-2)]).toEqual([late, early]);
  });

  it('bounds the first one from behind', () => {
    const latestOf = (type: DependencyType) => {
      const activities = [open('p', 10), open('s', 4, 8), open('end', 30)];
      return solved({ activities, links: [link('s', 'p', type, 1)] })
        .rows('p')[0]!
        .slice(3, 6);
    };
    // The second one has to be finished by 8, so it starts at 4 at the latest.
    expect(DEPENDENCY_TYPES.map(latestOf)).toEqual([
      [-7, 3, -7],
      [3, 13, 3],
      [-3, 7, -3],
      [7, 17, 7],
    ]);
  });
});

describe('a deadline', () => {
  it('of the project makes float negative by what the plan is late', () => {
    const network = {
      activities: [open('a', 5), open('b', 10), open('c', 3)],
      links: [link('c', 'a'), link('c', 'b')],
    };
    expect(solved(network, 9).rows('a', 'b', 'c')).toEqual([
      ['a', 0, 5, 1, 6, 1, 5],
      ['b', 0, 10, -4, 6, -4, 0],
      ['c', 10, 13, 6, 9, -4, 0],
    ]);
  });

  it('later than the finish leaves the critical path critical', () => {
    expect(solved({ activities: [open('a', 5)], links: [] }, 90).critical).toBe('a');
  });
});

describe('what is under way', () => {
  const begun = (id: string, start: number, rest: number, from: number): Activity => ({
    id,
    calendar: ALWAYS,
    progress: { state: 'begun', start, rest: minutesOfWork(ALWAYS, rest), from },
    deadline: null,
  });
  const done = (id: string, start: number, finish: number): Activity => ({
    id,
    calendar: ALWAYS,
    progress: { state: 'done', start, finish },
    deadline: null,
  });

  it('begins where it began, is finished by what is left, and is not held up by what came before its start', () => {
    const { outcomes } = solve({
      activities: [open('late', 40), begun('b', -20, 5, 0), open('next', 2), done('d', -30, -25), open('soon', 1)],
      links: [link('b', 'late'), link('next', 'b'), link('soon', 'd', 'finish_to_start', 27), link('d', 'late')],
      calendar: ALWAYS,
      deadline: null,
    });
    expect(outcomes.map(({ id, earliest, totalFloat }) => [id, earliest.start, earliest.finish, totalFloat])).toEqual(
      expect.arrayContaining([
        ['late', 0, 40, 0],
        ['b', -20, 5, 33],
        ['next', 5, 7, 33],
        ['d', -30, -25, null],
        ['soon', 2, 3, 37],
      ]),
    );
  });
});

describe('a circle', () => {
  it('is refused with those that are in it or behind it', () => {
    const activities = [open('free', 1), open('a', 1), open('b', 1)];
    const links = [link('a', 'b'), link('b', 'a', 'start_to_start'), link('a', 'free')];
    expect(() => solve({ activities, links, calendar: ALWAYS, deadline: null })).toThrow(NetworkCycle);
    expect(() => solve({ activities, links, calendar: ALWAYS, deadline: null })).toThrow(/circle, a, b among/);
  });
});
