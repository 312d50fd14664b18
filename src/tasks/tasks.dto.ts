import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { Amount, Choice, Day, Id, Text, Texts } from '../platform/http/fields.ts';
import type { HistoryRow, TaskRow } from './tasks.queries.ts';
import { PRIORITIES, STATUS_CATEGORIES, TASK_STATUSES, type Priority, type TaskStatus } from './task.types.ts';

const MARKDOWN = { min: 0, max: 50_000, optional: true, nullable: true, description: 'Markdown' };
const HOURS = { max: 99_999.99, decimals: 2, optional: true, nullable: true };
const TAGS = { max: 50, length: 50, optional: true };
const OPTIONAL = { optional: true };
const CLEARABLE = { optional: true, nullable: true };

export class CreateTaskBody {
  @Id()
  projectId: string;
  @Text({ max: 255 })
  title: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Choice(TASK_STATUSES, { optional: true, description: 'todo when not given' })
  status?: TaskStatus;
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
  @Texts(TAGS)
  tags?: string[];
  @Id({ ...CLEARABLE, description: 'A task of the same project that this one is a part of' })
  parentId?: string | null;
}

export class UpdateTaskBody {
  @Text({ max: 255, optional: true })
  title?: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Choice(TASK_STATUSES, OPTIONAL)
  status?: TaskStatus;
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
  @Texts(TAGS)
  tags?: string[];
  @Id(CLEARABLE)
  parentId?: string | null;
}

export class AssignTaskBody {
  @Id({ nullable: true, description: 'null takes the task from everybody' })
  assigneeId: string | null;
}

export class ChangeStatusBody {
  @Choice(TASK_STATUSES)
  status: TaskStatus;
}

export const TASK_LIST: ListSpec = {
  filters: {
    projectId: { kind: 'id' },
    status: { kind: 'choice', choices: TASK_STATUSES },
    statusCategory: { kind: 'choice', choices: STATUS_CATEGORIES },
    priority: { kind: 'choice', choices: PRIORITIES },
    assigneeId: { kind: 'id', nullable: true },
    reporterId: { kind: 'id' },
    parentId: { kind: 'id', nullable: true },
    tags: { kind: 'set' },
    title: { kind: 'text' },
    estimatedHours: { kind: 'number', nullable: true },
    startDate: { kind: 'day', nullable: true },
    dueDate: { kind: 'day', nullable: true },
    createdAt: { kind: 'time' },
    updatedAt: { kind: 'time' },
    completedAt: { kind: 'time', nullable: true },
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
    'completedAt',
  ],
  defaultSort: '-createdAt',
};

const { projectId: _, ...FILTERS_IN_PROJECT } = TASK_LIST.filters;
/** The list below /projects/:id, where the project is in the path. */
export const PROJECT_TASK_LIST: ListSpec = { ...TASK_LIST, filters: FILTERS_IN_PROJECT };

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
  @ApiProperty()
  title: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ enum: TASK_STATUSES })
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
  @ApiProperty({ type: [String] })
  tags: string[];
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

export function toHistoryEntryResponse({ at, ...entry }: HistoryRow): HistoryEntryResponse {
  return { ...entry, at: at.toISOString() };
}
