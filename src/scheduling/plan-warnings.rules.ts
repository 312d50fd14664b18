import { PlanTooLong } from './scheduling.errors.ts';
import type { Dependency } from '../dependencies/dependencies.types.ts';
import { behind, type Event, type Events, type Lag } from './lag.rules.ts';
import type { Plan, PlannedTask, PlanWarning } from './scheduling.types.ts';
import { nearDay } from './work.rules.ts';
import { DAY, dayNumber, type WorkingCalendar } from './working-calendar.rules.ts';

type LagOf = (dependency: Dependency) => Lag;

/** What whoever reads the plan should know: where dates, deadlines and what was done already do not fit it. */
export function warningsOf(plan: Omit<Plan, 'warnings'>, organisation: WorkingCalendar, lagOf: LagOf): PlanWarning[] {
  const tasks = new Map(plan.tasks.map((task) => [task.id, task]));
  return [
    ...projectEnd(plan),
    ...plan.milestones.flatMap(({ id, name, deadline, forecast, isCompleted }): PlanWarning[] =>
      isCompleted || deadline === null || forecast === null || forecast <= deadline
        ? []
        : [
            {
              code: 'milestone_missed',
              message: `The tasks of the milestone "${name}" cannot be finished before ${forecast}; it is due on ${deadline}.`,
              milestoneId: id,
            },
          ],
    ),
    ...plan.tasks.flatMap(dueDate),
    ...plan.dependencies.flatMap((dependency) => {
      const [task, predecessor] = [tasks.get(dependency.taskId)!, tasks.get(dependency.dependsOnTaskId)!];
      const [of, on] = dependency.type.split('_to_') as [Event, Event];
      if (hasHappened(predecessor, of)) return [];
      if (hasHappened(task, on)) return [outOfSequence(dependency, task, predecessor)];
      const first = firstDayBehind(predecessor, [of, on], lagOf(dependency), organisation, dayNumber(plan.startOn));
      const planned = on === 'start' ? task.startDate : task.dueDate;
      return first !== null && planned !== null && dayNumber(planned) < first
        ? [contradiction(dependency, task, predecessor)]
        : [];
    }),
  ];
}

function projectEnd({ finish, deadline }: Pick<Plan, 'finish' | 'deadline'>): PlanWarning[] {
  if (finish === null || deadline === null || finish <= deadline) return [];
  const message = `The project cannot be finished before ${finish}; it should end on ${deadline}.`;
  return [{ code: 'project_end_missed', message }];
}

function dueDate({ id, title, work, dueDate: due, earliestFinish }: PlannedTask): PlanWarning[] {
  if (work === null || due === null || due >= earliestFinish) return [];
  const message = `"${title}" is due on ${due} and cannot be finished before ${earliestFinish}.`;
  return [{ code: 'due_date_missed', message, taskId: id }];
}

function hasHappened({ statusCategory }: PlannedTask, event: Event): boolean {
  return statusCategory === 'done' || (event === 'start' && statusCategory === 'doing');
}

/** The first day that the planned dates of the predecessor leave to the other one; null when it has none. */
function firstDayBehind(
  { startDate, dueDate: due }: PlannedTask,
  events: Events,
  lag: Lag,
  organisation: WorkingCalendar,
  near: number,
): number | null {
  const [of] = events;
  const date = of === 'start' ? startDate : due;
  if (date === null) return null;
  // On its last day something of it is still done: at least the first minute.
  const moment = nearDay(date, near) * DAY + (of === 'finish' ? 1 : 0);
  try {
    return Math.floor(behind(moment, lag, events, organisation) / DAY);
  } catch (error) {
    // Dates of somebody else that lie beyond the calendar contradict nothing, and must not spoil the plan of all.
    if (error instanceof PlanTooLong) return null;
    throw error;
  }
}

function outOfSequence({ id }: Dependency, task: PlannedTask, predecessor: PlannedTask): PlanWarning {
  const message = `"${task.title}" did not wait for "${predecessor.title}", which it depends on.`;
  return { code: 'out_of_sequence', message, taskId: task.id, dependencyId: id };
}

function contradiction({ id }: Dependency, task: PlannedTask, predecessor: PlannedTask): PlanWarning {
  const message = `The dates of "${task.title}" do not wait for those of "${predecessor.title}", which it depends on.`;
  return { code: 'dates_contradict_dependency', message, taskId: task.id, dependencyId: id };
}
