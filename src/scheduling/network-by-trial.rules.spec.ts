import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEPENDENCY_TYPES } from '../dependencies/dependencies.types.ts';
import type { Event, Lag } from './lag.rules.ts';
import { solve, type Activity, type Link, type Progress } from './network.rules.ts';
import { POINT, daysOfWork, minutesOfWork, type Placement } from './span.rules.ts';
import { DAY, WorkingCalendar } from './working-calendar.rules.ts';

/*
 * The same answers found by trial: all places that a task could take are written down, and tasks are moved to the next place
 * until no dependency is broken. Nothing here counts, searches or looks from the end of a lag to its beginning as the product does.
 */

const FIRST = -150;
const LAST = 150;

/** Minutes of work of the days of a week, and the days without any. */
interface Week {
  minutes: number[];
  off: number[];
}

interface Job {
  kind: 'minutes' | 'days' | 'point';
  amount: number;
  week: number;
  state: 'open' | 'begun' | 'done';
  startedDay: number;
  deadline: number | null;
}

interface Plan {
  weeks: Week[];
  jobs: Job[];
  links: { a: number; b: number; type: number; lag: Lag }[];
  deadline: number | null;
}

const lengthOn = ({ minutes, off }: Week, day: number) => (off.includes(day) ? 0 : minutes[((day % 7) + 7) % 7]!);

/** Every minute of work, one by one. */
function minutesOf(week: Week): number[] {
  const found: number[] = [];
  for (let day = FIRST; day <= LAST; day += 1)
    for (let minute = 0; minute < lengthOn(week, day); minute += 1) found.push(day * DAY + minute);
  return found;
}

function placesOf({ kind, amount }: Job, week: Week, minutes: number[]): Placement[] {
  const days = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
  if (kind === 'minutes')
    return minutes
      .slice(0, minutes.length - amount + 1)
      .map((start, i) => ({ start, finish: minutes[i + amount - 1]! + 1 }));
  if (kind === 'days') {
    const worked = days.filter((day) => lengthOn(week, day) > 0);
    return worked.slice(0, worked.length - amount + 1).map((day, i) => {
      const last = worked[i + amount - 1]!;
      return { start: day * DAY, finish: last * DAY + lengthOn(week, last) };
    });
  }
  return days.flatMap((day) =>
    [0, 1, 2, 3, 4].map((minute) => ({ start: day * DAY + minute, finish: day * DAY + minute })),
  );
}

/** Counts the minutes, or the days, of the lag on the fingers. */
function shifted(moment: number, { unit, amount }: Lag, of: Event, week: Week, minutes: number[]): number {
  if (amount === 0) return moment;
  const done = minutes.filter((minute) => minute < moment);
  const ahead = minutes.filter((minute) => minute >= moment);
  if (unit === 'minutes') return (amount > 0 ? ahead[amount - 1]! : done.at(amount - 1)!) + 1;
  const from = of === 'start' ? ahead[0]! : done.at(-1)!;
  let day = Math.floor(from / DAY);
  const minute = from - day * DAY + (of === 'start' ? 0 : 1);
  for (let left = Math.abs(amount); left > 0;) {
    day += Math.sign(amount);
    if (lengthOn(week, day) > 0) left -= 1;
  }
  return day * DAY + Math.min(minute, lengthOn(week, day));
}

const EVENTS = {
  finish_to_start: ['finish', 'start'],
  start_to_start: ['start', 'start'],
  finish_to_finish: ['finish', 'finish'],
  start_to_finish: ['start', 'finish'],
} as const;

function byTrial({ weeks, jobs, links, deadline }: Plan) {
  const minutes = weeks.map(minutesOf);
  const fixed = (job: Job) => ({ start: job.startedDay * DAY, finish: (job.startedDay + 1) * DAY });
  const places = jobs.map((job) =>
    job.state === 'done' ? [fixed(job)] : placesOf(job, weeks[job.week]!, minutes[job.week]!),
  );
  const startOf = (i: number, place: Placement) => (jobs[i]!.state === 'begun' ? fixed(jobs[i]!).start : place.start);
  const eventOf = (i: number, place: Placement, event: Event) => (event === 'start' ? startOf(i, place) : place.finish);
  const binding = links.filter(({ b, type }) => {
    const [, on] = EVENTS[DEPENDENCY_TYPES[type]!];
    return jobs[b]!.state !== 'done' && !(on === 'start' && jobs[b]!.state === 'begun');
  });
  const demand = ({ a, type, lag }: Plan['links'][number], place: Placement) => {
    const [of, on] = EVENTS[DEPENDENCY_TYPES[type]!];
    const moment = shifted(eventOf(a, place, of), lag, of, weeks[0]!, minutes[0]!);
    return of === 'start' && on === 'finish' ? minutes[0]!.findLast((minute) => minute < moment)! + 1 : moment;
  };
  const onOf = (link: Plan['links'][number]) => EVENTS[DEPENDENCY_TYPES[link.type]!][1];

  const settle = (first: Placement[], move: (i: number, now: Placement[]) => Placement): Placement[] => {
    for (let now = first; ;) {
      const next = now.map((_, i) => move(i, now));
      if (next.every((place, i) => place.start === now[i]!.start && place.finish === now[i]!.finish)) return now;
      now = next;
    }
  };

  const earliest = settle(
    jobs.map((job, i) => (job.state === 'done' ? fixed(job) : places[i]!.find(({ start }) => start >= 0)!)),
    (i, now) => {
      const demands = binding
        .filter(({ b }) => b === i)
        .map((link) => [onOf(link), demand(link, now[link.a]!)] as const);
      return places[i]!.find(
        (place) =>
          jobs[i]!.state === 'done' || (place.start >= 0 && demands.every(([on, moment]) => place[on] >= moment)),
      )!;
    },
  );
  const finish = Math.max(...earliest.map((place) => place.finish));

  /** The start of what has begun cannot be moved any more. */
  const isOver = ({ a, type }: Plan['links'][number]) =>
    jobs[a]!.state === 'begun' && EVENTS[DEPENDENCY_TYPES[type]!][0] === 'start';
  const lastPlace = (i: number, finishBy: number, others: Placement[]) =>
    places[i]!.findLast(
      (place) =>
        jobs[i]!.state === 'done' ||
        (place.finish <= finishBy &&
          binding.every((link) => link.a !== i || isOver(link) || demand(link, place) <= others[link.b]![onOf(link)])),
    )!;
  const ends = jobs.map((job) => Math.min(finish, deadline ?? Infinity, job.deadline ?? Infinity));
  const latest = settle(
    places.map((each) => each.at(-1)!),
    (i, now) => lastPlace(i, ends[i]!, now),
  );

  const between = (i: number, from: number, to: number) => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const count = minutes[jobs[i]!.week]!.filter((minute) => minute >= low && minute < high).length;
    return to < from ? 0 - count : count;
  };
  return {
    finish,
    rows: jobs.map((job, i) => {
      if (job.state === 'done') return { earliest: earliest[i]!, latest: null, totalFloat: null, freeFloat: null };
      const shown = (place: Placement) => ({ start: startOf(i, place), finish: place.finish });
      return {
        earliest: shown(earliest[i]!),
        latest: shown(latest[i]!),
        totalFloat: between(i, earliest[i]!.start, latest[i]!.start),
        freeFloat: between(i, earliest[i]!.start, lastPlace(i, finish, earliest).start),
      };
    }),
  };
}

function bySolving({ weeks, jobs, links, deadline }: Plan) {
  const calendars = weeks.map((week) => new WorkingCalendar((day) => lengthOn(week, day), 3));
  const spanOf = ({ kind, amount, week }: Job) => {
    if (kind === 'point') return POINT;
    return kind === 'days' ? daysOfWork(calendars[week]!, amount) : minutesOfWork(calendars[week]!, amount);
  };
  const progressOf = (job: Job): Progress => {
    const start = job.startedDay * DAY;
    if (job.state === 'done') return { state: 'done', start, finish: start + DAY };
    return job.state === 'begun'
      ? { state: 'begun', start, rest: spanOf(job), from: 0 }
      : { state: 'open', span: spanOf(job), from: 0 };
  };
  const activities = jobs.map((job, i): Activity => {
    return { id: String(i), calendar: calendars[job.week]!, progress: progressOf(job), deadline: job.deadline };
  });
  const { outcomes, finish } = solve({
    // Not in the order in which they depend on each other.
    activities: activities.toReversed(),
    links: links.map(({ a, b, type, lag }): Link => {
      return { predecessor: String(a), successor: String(b), type: DEPENDENCY_TYPES[type]!, lag };
    }),
    calendar: calendars[0]!,
    deadline,
  });
  const by = new Map(outcomes.map(({ id, isCritical: _, ...outcome }) => [Number(id), { ...outcome }]));
  const rows = jobs.map((_, i) => {
    const { earliest, latest, totalFloat, freeFloat } = by.get(i)!;
    return { earliest, latest, totalFloat, freeFloat };
  });
  return { finish, rows };
}

const week: fc.Arbitrary<Week> = fc.record({
  minutes: fc
    .array(fc.integer({ min: 0, max: 3 }), { minLength: 7, maxLength: 7 })
    .filter((minutes) => minutes.filter((each) => each > 0).length >= 3),
  off: fc.array(fc.integer({ min: -20, max: 40 }), { maxLength: 6 }),
});
const deadline = fc.option(
  fc.integer({ min: -5, max: 30 }).map((day) => day * DAY),
  { freq: 2 },
);
const job: fc.Arbitrary<Job> = fc.record({
  kind: fc.constantFrom('minutes', 'minutes', 'days', 'point'),
  amount: fc.integer({ min: 1, max: 5 }),
  week: fc.integer({ min: 0, max: 2 }),
  state: fc.constantFrom('open', 'open', 'open', 'open', 'begun', 'done'),
  startedDay: fc.integer({ min: -6, max: -1 }),
  deadline: fc.option(
    fc.integer({ min: 0, max: 30 }).map((day) => day * DAY),
    { freq: 1 },
  ),
});
const plan: fc.Arbitrary<Plan> = fc
  .record({
    weeks: fc.array(week, { minLength: 3, maxLength: 3 }),
    jobs: fc.array(job, { minLength: 1, maxLength: 6 }),
    wanted: fc.array(
      fc.record({
        pair: fc.tuple(fc.nat(5), fc.nat(5)),
        type: fc.nat(3),
        lag: fc.record({
          unit: fc.constantFrom<Lag['unit']>('minutes', 'days'),
          amount: fc.integer({ min: -4, max: 4 }),
        }),
      }),
      { maxLength: 8 },
    ),
    deadline,
  })
  .map(({ wanted, ...rest }) => ({
    ...rest,
    links: wanted
      .filter(({ pair: [x, y] }) => x !== y && Math.max(x, y) < rest.jobs.length)
      .map(({ pair: [x, y], type, lag }) => ({ a: Math.min(x, y), b: Math.max(x, y), type, lag })),
  }));

describe('any network', () => {
  it('has the dates and floats that trial finds', () => {
    fc.assert(
      fc.property(plan, (each) => {
        expect(bySolving(each)).toEqual(byTrial(each));
      }),
      { numRuns: Number(process.env['SCHEDULE_ROUNDS'] ?? 1_000) },
    );
  });

  it('has free floats that are never negative, and total floats that are so only for a deadline', () => {
    fc.assert(
      fc.property(plan, (each) => {
        const { rows } = bySolving({
          ...each,
          deadline: null,
          jobs: each.jobs.map((one) => ({ ...one, deadline: null })),
        });
        for (const { totalFloat, freeFloat } of rows) {
          expect(freeFloat ?? 0).toBeGreaterThanOrEqual(0);
          expect(totalFloat ?? 0).toBeGreaterThanOrEqual(freeFloat ?? 0);
        }
      }),
    );
  });
});
