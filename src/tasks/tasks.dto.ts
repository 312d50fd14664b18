import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { Amount, Choice, Day, Id, Line, Pattern, Text, Texts, TextSet } from '../platform/http/fields.ts';
import type { SetChange } from '../platform/database/set-change.ts';
import { STATUS_CATEGORIES, type HistoryRow } from '../history/history.types.ts';
import type { DeletedTaskRow, RollUpRow, TaskRow } from './tasks.queries.ts';
import { PRIORITIES, type Priority, type TaskWarning } from './task.types.ts';

type WrittenTask = TaskRow & { warnings: TaskWarning[] };

const MARKDOWN = { min: 0, max: 50_000, optional: true, nullable: true, description: 'Markdown' };
const HOURS = { max: 99_999.99, decimals: 2, optional: true, nullable: true };
const TAGS = { max: 50, length: 50, optional: true };
const TRIMMED = 'Blanks at both ends of a tag are taken off.';
const OPTIONAL = { optional: true };
const CLEARABLE = { optional: true, nullable: true };

/** A key of a workflow; which ones there are, the project says. */
const Status = (options: { optional?: boolean; description?: string } = {}) =>
  Pattern(/^[a-z][a-z0-9_]{0,49}$/, 'status must be the key of a status of the project, such as in_review.', options);

export class CreateTaskBody {
  @Id()
  projectId: string;
  @Line({ max: 255 })
  title: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Status({
    optional: true,
    description: "A status of the project's workflow; its first of the category todo when not given",
  })
  status?: string;
  @Choice(PRIORITIES, { optional: true, description: 'medium when not given' })
  priority?: Priority;
  @Id({ ...CLEARABLE, description: 'A member of the project' })
  assigneeId?: string | null;
  @Id({ ...OPTIONAL, description: 'A member of the project; the actor when not given' })
  reporterId?: string;
  @Day(CLEARABLE)
  startDate?: string | null;
  @Day(CLEARABLE)
  dueDate?: string | null;
  @Amount(HOURS)
  estimatedHours?: number | null;
  @Amount({ ...HOURS, description: 'What is left to do, as somebody judged it' })
  remainingHours?: number | null;
  @Texts({ ...TAGS, description: TRIMMED })
  tags?: string[];
  @Id({ ...CLEARABLE, description: 'A task of the same project that this one is a part of' })
  parentId?: string | null;
  @Id({ ...CLEARABLE, description: 'A milestone of the project' })
  milestoneId?: string | null;
}

export class UpdateTaskBody {
  @Line({ max: 255, optional: true })
  title?: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Status({ optional: true, description: "A status that the project's workflow leads to from where the task is" })
  status?: string;
  @Choice(PRIORITIES, OPTIONAL)
  priority?: Priority;
  @Id(CLEARABLE)
  assigneeId?: string | null;
  @Id(OPTIONAL)
  reporterId?: string;
  @Day(CLEARABLE)
  startDate?: string | null;
  @Day(CLEARABLE)
  dueDate?: string | null;
  @Amount(HOURS)
  estimatedHours?: number | null;
  @Amount(HOURS)
  remainingHours?: number | null;
  @TextSet({ ...TAGS, description: `All of them, or { add, remove }. ${TRIMMED}` })
  tags?: SetChange;
  @Id(CLEARABLE)
  parentId?: string | null;
  @Id(CLEARABLE)
  milestoneId?: string | null;
}

export class AssignTaskBody {
  @Id({ nullable: true, description: 'null takes the task from everybody' })
  assigneeId: string | null;
}

export class ChangeStatusBody {
  @Status()
  status: string;
}

export class MoveTaskBody {
  @Id({ ...CLEARABLE, description: 'The task that it shall stand directly behind; null: first' })
  afterId?: string | null;
  @Id({
    ...CLEARABLE,
    description: 'The task that it shall stand directly before, where no afterId is given; null: last',
  })
  beforeId?: string | null;
  @Status({ optional: true, description: 'Where it goes with the same drag' })
  status?: string;
}

export const TASK_LIST: ListSpec = {
  filters: {
    id: { kind: 'id' },
    projectId: { kind: 'id' },
    status: { kind: 'text' },
    statusCategory: { kind: 'choice', choices: STATUS_CATEGORIES },
    priority: { kind: 'choice', choices: PRIORITIES },
    assigneeId: { kind: 'id', nullable: true, person: true },
    reporterId: { kind: 'id', person: true },
    parentId: { kind: 'id', nullable: true },
    milestoneId: { kind: 'id', nullable: true },
    tags: { kind: 'set', nullable: true },
    title: { kind: 'text' },
    description: { kind: 'text', nullable: true },
    position: { kind: 'text' },
    estimatedHours: { kind: 'number', nullable: true },
    remainingHours: { kind: 'number', nullable: true },
    actualHours: { kind: 'number' },
    startDate: { kind: 'day', nullable: true },
    dueDate: { kind: 'day', nullable: true },
    createdAt: { kind: 'time' },
    updatedAt: { kind: 'time' },
    startedAt: { kind: 'time', nullable: true },
    completedAt: { kind: 'time', nullable: true },
    version: { kind: 'number' },
  },
  sorts: [
    'createdAt',
    'updatedAt',
    'dueDate',
    'startDate',
    'priority',
    'status',
    'title',
    'estimatedHours',
    'remainingHours',
    'actualHours',
    'startedAt',
    'completedAt',
    'position',
    'statusCategory',
    'assigneeId',
    'reporterId',
    'projectId',
    'parentId',
    'milestoneId',
    'version',
  ],
  defaultSort: '-createdAt',
  words: 'optional',
};

const { projectId: _, ...FILTERS_IN_PROJECT } = TASK_LIST.filters;
/** The list below /projects/:id, where the project is in the path. */
export const PROJECT_TASK_LIST: ListSpec = { ...TASK_LIST, filters: FILTERS_IN_PROJECT };

export const DELETED_TASK_LIST: ListSpec = {
  filters: { title: { kind: 'text' }, deletedAt: { kind: 'time' } },
  sorts: ['deletedAt', 'title'],
  defaultSort: '-deletedAt',
};

export const HISTORY_LIST: ListSpec = {
  filters: { field: { kind: 'text' }, at: { kind: 'time' } },
  sorts: ['at'],
  defaultSort: 'at',
};

export class TaskResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  parentId: string | null;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  milestoneId: string | null;
  @ApiProperty()
  title: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ example: 'in_progress', description: "A status of the project's workflow" })
  status: string;
  @ApiProperty({ enum: STATUS_CATEGORIES })
  statusCategory: string;
  @ApiProperty({ enum: PRIORITIES })
  priority: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  assigneeId: string | null;
  @ApiProperty({ format: 'uuid' })
  reporterId: string;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  startDate: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  dueDate: string | null;
  @ApiProperty({ type: Number, nullable: true })
  estimatedHours: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'What is left to do, as somebody judged it; null when nobody did',
  })
  remainingHours: number | null;
  @ApiProperty({ description: 'Sum of the time that was logged' })
  actualHours: number;
  @ApiProperty({ type: [String] })
  tags: string[];
  @ApiProperty({ description: 'Tasks of a project stand in the order of these texts, compared by their bytes' })
  position: string;
  @ApiProperty({ format: 'date-time', type: String, nullable: true, description: 'First entry into doing' })
  startedAt: string | null;
  @ApiProperty({ format: 'date-time', type: String, nullable: true, description: 'Last entry into done' })
  completedAt: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

class TaskWarningResponse {
  @ApiProperty({ enum: ['wip_limit'] })
  code: string;
  @ApiProperty()
  message: string;
}

export class WrittenTaskResponse extends TaskResponse {
  @ApiProperty({
    type: [TaskWarningResponse],
    required: false,
    description: 'What whoever wrote it should know though it was done; left out when there is nothing',
  })
  warnings?: TaskWarning[];
}

export class DeletedTaskResponse extends TaskResponse {
  @ApiProperty({ format: 'date-time' })
  deletedAt: string;
}

export class RollUpResponse {
  @ApiProperty({ description: 'Subtasks at any depth, cancelled ones left out' })
  subtasks: number;
  @ApiProperty({ description: 'Of these' })
  done: number;
  @ApiProperty({ type: Number, nullable: true, description: 'done / subtasks, 0 to 1; null without subtasks' })
  completion: number | null;
  @ApiProperty({ description: 'Hours of the task itself and of everything below it' })
  estimatedHours: number;
  @ApiProperty()
  actualHours: number;
  @ApiProperty({ description: 'As somebody judged it, or else what the estimate leaves; nothing for what is done' })
  remainingHours: number;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'The first one in and below the task' })
  startDate: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true, description: 'The last one in and below the task' })
  dueDate: string | null;
}

export class HistoryEntryResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'status' })
  field: string;
  @ApiProperty({ nullable: true, type: Object, description: 'null for a first value' })
  oldValue: unknown;
  @ApiProperty({ nullable: true, type: Object })
  newValue: unknown;
  @ApiProperty({ format: 'uuid', type: String, nullable: true, description: 'null: the system' })
  actorId: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Deleted user, when they were deleted since' })
  actorName: string | null;
  @ApiProperty({ format: 'date-time' })
  at: string;
}

export function toTaskResponse({
  startedAt,
  completedAt,
  createdAt,
  updatedAt,
  version,
  ...task
}: TaskRow): TaskResponse {
  return {
    ...task,
    startedAt: startedAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}

export function toWrittenTaskResponse({ warnings, ...task }: WrittenTask): WrittenTaskResponse {
  return { ...toTaskResponse(task), ...(warnings.length > 0 ? { warnings } : {}) };
}

export function toDeletedTaskResponse({ deletedAt, ...task }: DeletedTaskRow): DeletedTaskResponse {
  return { ...toTaskResponse(task), deletedAt: deletedAt.toISOString() };
}

export function toRollUpResponse(row: RollUpRow): RollUpResponse {
  const completion = row.subtasks === 0 ? null : Math.round((row.done / row.subtasks) * 10_000) / 10_000;
  return { ...row, completion };
}

export function toHistoryEntryResponse({ at, ...entry }: HistoryRow): HistoryEntryResponse {
  return { ...entry, at: at.toISOString() };
}
