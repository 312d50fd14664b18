import type { Dependency } from '../dependencies/dependencies.types.ts';
import type { Lag } from './lag.rules.ts';
import { minutesOfWork, type WorkPattern } from '../platform/dates/work-pattern.ts';
import { solve, type Activity, type Outcome, type Progress } from './network.rules.ts';
import { warningsOf } from './plan-warnings.rules.ts';
import type {
  Plan,
  PlanInput,
  PlannedMilestone,
  PlannedTask,
  PlanMilestone,
  PlanTask,
  PlanWarning,
  Work,
} from './scheduling.types.ts';
import type { Placement } from './span.rules.ts';
import { nearDay, round, spanOf, workOf } from './work.rules.ts';
import { DAY, DayBudget, WorkingCalendar, dateOf, dayNumber, type Moment } from './working-calendar.rules.ts';

/** So long nobody may be away before their tasks are planned in the organisation's working time. */
const LONGEST_ABSENCE = 366;

interface Prepared {
  task: PlanTask;
  calendar: WorkingCalendar;
  work: Work | null;
}

/**
 * When each task can be done at the earliest and must be done at the latest. What is done stands where it was and has no
 * float, what has begun stands where it began.
 *
 * @throws PlanTooLong, PlanTooWide, NetworkCycle
 */
export function planOf(input: PlanInput): Plan {
  const firstDay = dayNumber(input.startOn);
  const budget = new DayBudget(input.mostDays);
  const calendarOf = (pattern: WorkPattern) =>
    new WorkingCalendar((day) => minutesOfWork(pattern, day), firstDay, budget);
  const organisation = calendarOf(input.organisation);
  const { calendarFor, withoutTime } = calendarsOf(input, organisation, calendarOf, firstDay);
  const prepared = input.tasks
    .filter(({ statusCategory }) => statusCategory !== 'cancelled')
    .map((task): Prepared => {
      const calendar = calendarFor(task.assigneeId);
      return { task, calendar, work: task.statusCategory === 'done' ? null : workOf(task, calendar, firstDay) };
    });
  const deadlines = new Map(
    input.milestones.filter(({ isCompleted }) => !isCompleted).map(({ id, dueDate }) => [id, dueDate]),
  );
  const { outcomes } = solve({
    activities: prepared.map((each) => activityOf(each, deadlines.get(each.task.milestoneId ?? '') ?? null, firstDay)),
    links: input.dependencies.map((dependency) => ({
      predecessor: dependency.dependsOnTaskId,
      successor: dependency.taskId,
      type: dependency.type,
      lag: lagOf(dependency),
    })),
    calendar: organisation,
    deadline: endOf(input.endDate, firstDay),
  });
  const dateOnce = oncePerDay(dateOf);
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const tasks = prepared
    .toSorted((a, b) => compare(outcomeOf.get(a.task.id)!, outcomeOf.get(b.task.id)!))
    .map((each) => plannedTask(each, outcomeOf.get(each.task.id)!, input.startOn, dateOnce));
  const tasksOf = Map.groupBy(tasks, ({ milestoneId }) => milestoneId);
  const milestones = input.milestones.map((milestone) =>
    plannedMilestone(
      milestone,
      tasksOf.get(milestone.id) ?? [],
      (task) => outcomeOf.get(task.id)!.earliest.finish,
      organisation,
      firstDay,
    ),
  );
  const present = new Set(tasks.map(({ id }) => id));
  const plan = {
    startOn: input.startOn,
    finish: latestDay(tasks.map(({ earliestFinish }) => earliestFinish)),
    deadline: input.endDate,
    tasks,
    milestones,
    dependencies: input.dependencies.filter(
      ({ taskId, dependsOnTaskId }) => present.has(taskId) && present.has(dependsOnTaskId),
    ),
  };
  const idle = tasks.filter(({ assigneeId, work }) => work !== null && withoutTime.has(assigneeId ?? ''));
  return { ...plan, warnings: [...idle.map(noWorkingTime), ...warningsOf(plan, organisation, lagOf)] };
}

/** One calendar for each person, made when it is asked for. */
function calendarsOf(
  { people }: PlanInput,
  organisation: WorkingCalendar,
  calendarOf: (pattern: WorkPattern) => WorkingCalendar,
  firstDay: number,
) {
  const withoutTime = new Set<string>();
  const calendars = new Map<string, WorkingCalendar>();
  const calendarFor = (assigneeId: string | null): WorkingCalendar => {
    const pattern = people.get(assigneeId ?? '');
    if (assigneeId === null || !pattern) return organisation;
    const known = calendars.get(assigneeId);
    if (known) return known;
    const own = calendarOf(pattern);
    const worksSoon = own.workedBy((firstDay + LONGEST_ABSENCE) * DAY) > 0;
    if (!worksSoon) withoutTime.add(assigneeId);
    calendars.set(assigneeId, worksSoon ? own : organisation);
    return calendars.get(assigneeId)!;
  };
  return { calendarFor, withoutTime };
}

function activityOf({ task, calendar, work }: Prepared, deadline: string | null, firstDay: number): Activity {
  return {
    id: task.id,
    calendar,
    progress: progressOf(task, work, calendar, firstDay),
    deadline: endOf(deadline, firstDay),
  };
}

function progressOf(task: PlanTask, work: Work | null, calendar: WorkingCalendar, firstDay: number): Progress {
  const from = firstDay * DAY;
  if (work === null) {
    // At the end of its day, and not behind the first moment of the plan: what waits for it can begin at once.
    const finish = Math.min((dayOr(task.completedOn, firstDay) + 1) * DAY, from);
    return {
      state: 'done',
      start: Math.min(dayOr(task.startedOn ?? task.completedOn, firstDay) * DAY, finish),
      finish,
    };
  }
  const span = spanOf(work, calendar);
  if (task.statusCategory !== 'doing') return { state: 'open', span, from };
  const start = dayOr(task.startedOn, firstDay) * DAY;
  return { state: 'begun', start, rest: span, from: Math.max(start, from) };
}

function dayOr(date: string | null, fallback: number): number {
  return date === null ? fallback : nearDay(date, fallback);
}

/** The end of a day. */
function endOf(date: string | null, firstDay: number): Moment | null {
  return date === null ? null : (nearDay(date, firstDay) + 1) * DAY;
}

function lagOf({ lagHours, lagDays }: Pick<Dependency, 'lagHours' | 'lagDays'>): Lag {
  return lagDays !== null
    ? { unit: 'days', amount: lagDays }
    : { unit: 'minutes', amount: Math.round((lagHours ?? 0) * 60) };
}

function compare(a: Outcome, b: Outcome): number {
  return a.earliest.start - b.earliest.start || a.earliest.finish - b.earliest.finish || (a.id < b.id ? -1 : 1);
}

function plannedTask(
  { task, work }: Prepared,
  outcome: Outcome,
  startOn: string,
  date: (day: number) => string,
): PlannedTask {
  const { earliest, latest, totalFloat, freeFloat, isCritical } = outcome;
  const hours = (minutes: number | null) => (minutes === null ? null : round(minutes / 60));
  const common = { ...task, work, totalFloat: hours(totalFloat), freeFloat: hours(freeFloat), isCritical };
  if (work === null) {
    const earliestFinish = task.completedOn ?? startOn;
    return {
      ...common,
      earliestStart: task.startedOn ?? earliestFinish,
      earliestFinish,
      latestStart: null,
      latestFinish: null,
    };
  }
  return {
    ...common,
    earliestStart: date(dayOf(earliest.start)),
    earliestFinish: date(lastDayOf(earliest)),
    latestStart: latest && date(dayOf(latest.start)),
    latestFinish: latest && date(lastDayOf(latest)),
  };
}

function plannedMilestone(
  { id, name, dueDate, isCompleted }: PlanMilestone,
  tasks: readonly PlannedTask[],
  finishOf: (task: PlannedTask) => Moment,
  organisation: WorkingCalendar,
  firstDay: number,
): PlannedMilestone {
  const end = endOf(dueDate, firstDay);
  const finish = tasks.reduce((last, task) => Math.max(last, finishOf(task)), -Infinity);
  const slack = end === null || tasks.length === 0 ? null : organisation.workedBy(end) - organisation.workedBy(finish);
  return {
    id,
    name,
    deadline: dueDate,
    isCompleted,
    forecast: latestDay(tasks.map(({ earliestFinish }) => earliestFinish)),
    slack: slack === null ? null : round(slack / 60),
  };
}

function noWorkingTime({ id, title }: PlannedTask): PlanWarning {
  const message = `Whoever "${title}" is assigned to does not work within a year; it is planned in the organisation's working time.`;
  return { code: 'no_working_time', message, taskId: id };
}

function dayOf(moment: Moment): number {
  return Math.floor(moment / DAY);
}

/** What ends at the first moment of a day has ended on the day before. */
function lastDayOf({ start, finish }: Placement): number {
  return dayOf(finish > start ? finish - 1 : finish);
}

function latestDay(days: readonly string[]): string | null {
  return days.reduce<string | null>((last, day) => (last === null || day > last ? day : last), null);
}

/** Many tasks lie on few days, and to write one down costs more than to look it up. */
function oncePerDay(dateOfDay: (day: number) => string): (day: number) => string {
  const known = new Map<number, string>();
  return (day) => {
    const date = known.get(day) ?? dateOfDay(day);
    known.set(day, date);
    return date;
  };
}
