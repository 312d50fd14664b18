import { ApiProperty } from '@nestjs/swagger';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Day, isDay } from '../platform/http/fields.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import { EdgeResponse, toEdgeResponse } from '../dependencies/dependencies.dto.ts';
import { STATUS_CATEGORIES } from '../history/history.types.ts';
import type { Schedule } from './scheduling.service.ts';
import {
  PLAN_WARNINGS,
  type Plan,
  type PlanWarning,
  type PlannedMilestone,
  type PlannedTask,
  type Work,
} from './scheduling.types.ts';

const START_ON =
  'First day on which something can begin or go on; the later of today (UTC) and the start date of the project when not given';

export class ScheduleBody {
  @Day({ optional: true, description: START_ON })
  startOn?: string;
}

class WorkResponse {
  @ApiProperty({ enum: ['hours', 'days'] })
  unit: string;
  @ApiProperty()
  amount: number;
  @ApiProperty({
    enum: ['remaining', 'estimate', 'dates', 'assumed'],
    description:
      'What it was taken from; assumed: one working day, because nothing was said or the estimate is used up',
  })
  basis: string;
}

class PlannedTaskResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  title: string;
  @ApiProperty()
  status: string;
  @ApiProperty({ enum: STATUS_CATEGORIES })
  statusCategory: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  assigneeId: string | null;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  milestoneId: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'As planned' })
  startDate: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'As planned' })
  dueDate: string | null;
  @ApiProperty({ type: WorkResponse, nullable: true, description: 'What is left to do; null when it is done' })
  work: WorkResponse | null;
  @ApiProperty({ format: 'date', description: 'Of what has begun, the day on which it did' })
  earliestStart: string;
  @ApiProperty({ format: 'date' })
  earliestFinish: string;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'null when it is done' })
  latestStart: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'null when it is done' })
  latestFinish: string | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Hours of its own working time between earliest and latest; negative when it is late, null when it is done',
  })
  totalFloatHours: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Hours by which it can move without moving another one; null when it is done',
  })
  freeFloatHours: number | null;
  @ApiProperty({ description: 'Its total float is 0 or less' })
  isCritical: boolean;
}

class PlannedMilestoneResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  deadline: string | null;
  @ApiProperty()
  isCompleted: boolean;
  @ApiProperty({
    format: 'date',
    type: String,
    nullable: true,
    description: 'When the last of its tasks can be finished; null without tasks',
  })
  forecast: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Hours of the organisation from forecast to deadline' })
  slackHours: number | null;
}

class PlanWarningResponse {
  @ApiProperty({ enum: PLAN_WARNINGS })
  code: string;
  @ApiProperty()
  message: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  taskId: string | null;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  dependencyId: string | null;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  milestoneId: string | null;
}

export class TimelineResponse {
  @ApiProperty({ format: 'date', description: START_ON })
  startOn: string;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'End date of the project' })
  deadline: string | null;
  @ApiProperty({
    format: 'date',
    type: String,
    nullable: true,
    description: 'When all of it can be finished; null without tasks',
  })
  finish: string | null;
  @ApiProperty({ type: [PlannedTaskResponse], description: 'By earliest start; cancelled ones are left out' })
  tasks: PlannedTaskResponse[];
  @ApiProperty({ type: [PlannedMilestoneResponse] })
  milestones: PlannedMilestoneResponse[];
  @ApiProperty({ type: [EdgeResponse] })
  dependencies: EdgeResponse[];
  @ApiProperty({ type: [PlanWarningResponse] })
  warnings: PlanWarningResponse[];
}

class DatesResponse {
  @ApiProperty({ format: 'date', type: String, nullable: true })
  startDate: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  dueDate: string | null;
}

class DateChangeResponse {
  @ApiProperty({ format: 'uuid' })
  taskId: string;
  @ApiProperty()
  title: string;
  @ApiProperty({ type: DatesResponse })
  before: DatesResponse;
  @ApiProperty({ type: DatesResponse })
  after: DatesResponse;
}

export class ScheduleResponse {
  @ApiProperty({ description: 'Whether nothing was written' })
  dryRun: boolean;
  @ApiProperty({ format: 'date' })
  startOn: string;
  @ApiProperty({ type: [DateChangeResponse], description: 'Tasks whose dates are other ones, by their new start' })
  changes: DateChangeResponse[];
  @ApiProperty({ type: [String], format: 'uuid', description: 'Critical tasks by their start' })
  criticalPath: string[];
  @ApiProperty({ format: 'date', type: String, nullable: true })
  finish: string | null;
  @ApiProperty({ type: [PlanWarningResponse] })
  warnings: PlanWarningResponse[];
}

export function toTimelineResponse(plan: Plan): TimelineResponse {
  const { startOn, deadline, finish, tasks, milestones, dependencies, warnings } = plan;
  return {
    startOn,
    deadline,
    finish,
    tasks: tasks.map(toPlannedTask),
    milestones: milestones.map(toPlannedMilestone),
    dependencies: dependencies.map(toEdgeResponse),
    warnings: warnings.map(toWarning),
  };
}

export function toScheduleResponse({
  dryRun,
  startOn,
  changes,
  criticalPath,
  finish,
  warnings,
}: Schedule): ScheduleResponse {
  return {
    dryRun,
    startOn,
    changes: changes.map(({ taskId, title, before, after }) => ({ taskId, title, before, after })),
    criticalPath,
    finish,
    warnings: warnings.map(toWarning),
  };
}

function toPlannedTask(task: PlannedTask): PlannedTaskResponse {
  const { id, title, status, statusCategory, assigneeId, milestoneId, startDate, dueDate, work } = task;
  const { earliestStart, earliestFinish, latestStart, latestFinish, isCritical } = task;
  return {
    ...{ id, title, status, statusCategory, assigneeId, milestoneId, startDate, dueDate },
    work: work && toWork(work),
    ...{ earliestStart, earliestFinish, latestStart, latestFinish },
    totalFloatHours: task.totalFloat,
    freeFloatHours: task.freeFloat,
    isCritical,
  };
}

function toWork({ unit, amount, basis }: Work): WorkResponse {
  return { unit, amount, basis };
}

function toPlannedMilestone(milestone: PlannedMilestone): PlannedMilestoneResponse {
  const { id, name, deadline, isCompleted, forecast, slack } = milestone;
  return { id, name, deadline, isCompleted, forecast, slackHours: slack };
}

function toWarning({ code, message, ...of }: PlanWarning): PlanWarningResponse {
  const { taskId = null, dependencyId = null, milestoneId = null } = of;
  return { code, message, taskId, dependencyId, milestoneId };
}

/** @throws InvalidInput */
export function toStartOn(query: Record<string, unknown>): string | undefined {
  refuseOtherQuery(query, ['startOn']);
  const { startOn } = query;
  if (startOn === undefined || isDay(startOn)) return startOn;
  return refuse('startOn', 'day', 'startOn must be a date such as 2026-05-31.');
}

/** @throws InvalidInput */
export function toDryRun(query: Record<string, unknown>): boolean {
  refuseOtherQuery(query, ['dryRun']);
  const { dryRun = 'false' } = query;
  if (dryRun === 'true' || dryRun === 'false') return dryRun === 'true';
  return refuse('dryRun', 'boolean', 'dryRun must be true or false.');
}

function refuse(name: string, code: string, message: string): never {
  throw new InvalidInput([{ pointer: `?${name}`, code, message }], 'invalid_query');
}
