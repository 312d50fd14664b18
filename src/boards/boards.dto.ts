import { ApiProperty } from '@nestjs/swagger';
import { InvalidInput } from '../platform/errors/app-error.ts';
import type { FiltersSpec } from '../platform/http/list-query.ts';
import { PROJECT_TASK_LIST, TaskResponse, toTaskResponse } from '../tasks/tasks.dto.ts';
import { StatusResponse, toStatusResponse } from './workflows.dto.ts';
import type { BoardColumn } from './boards.service.ts';

/** Of one column at once. */
export const MOST_TASKS = 100;
const DEFAULT_TASKS = 50;

/** What a project's list of tasks takes; a column is a status. */
const { status: _, ...filters } = PROJECT_TASK_LIST.filters;
export const BOARD_FILTERS: FiltersSpec = { filters, words: 'optional', besides: ['limit'] };

/** @throws InvalidInput */
export function toTasksPerColumn(limit: unknown): number {
  if (limit === undefined) return DEFAULT_TASKS;
  const number = typeof limit === 'string' && /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1 && number <= MOST_TASKS) return number;
  const message = `limit must be a whole number from 1 to ${MOST_TASKS}.`;
  throw new InvalidInput([{ pointer: '?limit', code: 'range', message }], 'invalid_query');
}

export class ColumnResponse {
  @ApiProperty({ type: StatusResponse })
  status: StatusResponse;
  @ApiProperty({ description: 'Tasks in the status, of those that are looked for and that the actor may see' })
  total: number;
  @ApiProperty({
    type: [TaskResponse],
    description: 'The first of them; the rest is listed by /projects/:id/tasks?status=...&sort=position',
  })
  tasks: TaskResponse[];
}

export class BoardResponse {
  @ApiProperty({ type: [ColumnResponse] })
  columns: ColumnResponse[];
}

export function toBoardResponse(columns: BoardColumn[]): BoardResponse {
  return {
    columns: columns.map(({ status, total, tasks }) => ({
      status: toStatusResponse(status),
      total,
      tasks: tasks.map(toTaskResponse),
    })),
  };
}
