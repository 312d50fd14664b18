import type { Dependency } from '../dependencies/dependencies.types.ts';
import type { StatusCategory } from '../history/history.types.ts';
import type { WorkPattern } from '../platform/dates/work-pattern.ts';

/** What a plan needs to know of a task. Days are `YYYY-MM-DD`. */
export interface PlanTask {
  id: string;
  title: string;
  status: string;
  statusCategory: StatusCategory;
  assigneeId: string | null;
  milestoneId: string | null;
  startDate: string | null;
  dueDate: string | null;
  estimatedHours: number | null;
  remainingHours: number | null;
  actualHours: number;
  /** Days in UTC. */
  startedOn: string | null;
  completedOn: string | null;
}

export interface PlanMilestone {
  id: string;
  name: string;
  dueDate: string | null;
  isCompleted: boolean;
}

export interface PlanInput {
  /** The first day on which something that has not begun can begin, and on which what has begun goes on. */
  startOn: string;
  /** The day by which the project should be finished. */
  endDate: string | null;
  /** Cancelled ones are left out, and the dependencies on them. */
  tasks: readonly PlanTask[];
  dependencies: readonly Dependency[];
  milestones: readonly PlanMilestone[];
  organisation: WorkPattern;
  people: ReadonlyMap<string, WorkPattern>;
  /** Days that the calendars of all people may have together. */
  mostDays: number;
}

/** What is left to do, and from what that was taken. */
export interface Work {
  unit: 'hours' | 'days';
  amount: number;
  basis: 'remaining' | 'estimate' | 'dates' | 'assumed';
}

export interface PlannedTask extends PlanTask {
  /** Null when it is done. */
  work: Work | null;
  earliestStart: string;
  earliestFinish: string;
  /** Null when it is done, as are the floats. */
  latestStart: string | null;
  latestFinish: string | null;
  /** Hours of its own working time. */
  totalFloat: number | null;
  freeFloat: number | null;
  isCritical: boolean;
}

export interface PlannedMilestone {
  id: string;
  name: string;
  deadline: string | null;
  isCompleted: boolean;
  /** The day on which the last of its tasks can be finished; null without tasks. */
  forecast: string | null;
  /** Hours of the organisation's working time between the two, negative when it is late; null where one of them is missing. */
  slack: number | null;
}

export const PLAN_WARNINGS = [
  'due_date_missed',
  'dates_contradict_dependency',
  'out_of_sequence',
  'milestone_missed',
  'project_end_missed',
  'no_working_time',
] as const;

export interface PlanWarning {
  code: (typeof PLAN_WARNINGS)[number];
  message: string;
  taskId?: string;
  dependencyId?: string;
  milestoneId?: string;
}

export interface Plan {
  startOn: string;
  /** The day on which all of it can be finished; null without tasks. */
  finish: string | null;
  deadline: string | null;
  /** In the order of their earliest starts. */
  tasks: PlannedTask[];
  milestones: PlannedMilestone[];
  dependencies: readonly Dependency[];
  warnings: PlanWarning[];
}
