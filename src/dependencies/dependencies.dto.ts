import { ApiProperty } from '@nestjs/swagger';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Amount, Choice, Id, Whole } from '../platform/http/fields.ts';
import { withFigures } from '../platform/http/figures.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import type { BlockedTaskRow, DependencyRow, GraphDirection, GraphEdge, GraphNode } from './dependencies.queries.ts';
import { DEPENDENCY_TYPES, type DependencyType } from './dependencies.types.ts';

const DIRECTIONS = ['blocked_by', 'blocks'] as const;
const GRAPH_DIRECTIONS = [...DIRECTIONS, 'both'] as const;
const MOST_STEPS = 100;

const LAG_HOURS = {
  min: -9_999.99,
  max: 9_999.99,
  decimals: 2,
  optional: true,
  description: 'Hours of work in the calendar of the organisation, negative for an overlap; not with lagDays',
};
const LAG_DAYS = {
  min: -1_000,
  max: 1_000,
  optional: true,
  description: 'Working days of the organisation, negative for an overlap; not with lagHours',
};

export class AddDependencyBody {
  @Id({ description: 'A task of the same project' })
  dependsOnTaskId: string;
  @Choice(DEPENDENCY_TYPES, { optional: true, description: 'finish_to_start when not given' })
  type?: DependencyType;
  @Amount(LAG_HOURS)
  lagHours?: number;
  @Whole(LAG_DAYS)
  lagDays?: number;
}

export class UpdateDependencyBody {
  @Choice(DEPENDENCY_TYPES, { optional: true })
  type?: DependencyType;
  @Amount({ ...LAG_HOURS, description: 'Replaces lagDays' })
  lagHours?: number;
  @Whole({ ...LAG_DAYS, description: 'Replaces lagHours' })
  lagDays?: number;
}

export const DEPENDENCY_LIST: ListSpec = {
  filters: {
    direction: { kind: 'choice', choices: DIRECTIONS },
    type: { kind: 'choice', choices: DEPENDENCY_TYPES },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt'],
  defaultSort: 'createdAt',
};

export const BLOCKED_LIST: ListSpec = {
  filters: {
    assigneeId: { kind: 'id', nullable: true, person: true },
    dueDate: { kind: 'day', nullable: true },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'dueDate'],
  defaultSort: 'createdAt',
};

class NeighbourResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  title: string;
  @ApiProperty()
  status: string;
  @ApiProperty({ enum: ['todo', 'doing', 'done', 'cancelled'] })
  statusCategory: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  assigneeId: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  startDate: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  dueDate: string | null;
}

export class EdgeResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid', description: 'The one that waits' })
  taskId: string;
  @ApiProperty({ format: 'uuid' })
  dependsOnTaskId: string;
  @ApiProperty({ enum: DEPENDENCY_TYPES })
  type: string;
  @ApiProperty({ type: Number, nullable: true, description: 'null when the lag is in days' })
  lagHours: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Working days; null when the lag is in hours' })
  lagDays: number | null;
}

export class DependencyResponse extends EdgeResponse {
  @ApiProperty({ enum: DIRECTIONS, description: 'Whether the task of the path waits, or is waited for' })
  direction: string;
  @ApiProperty({
    description:
      'Whether the one that waits is open and held up now: by a predecessor that is not finished, or has not begun where the type speaks of its start',
  })
  isBlocked: boolean;
  @ApiProperty({ type: NeighbourResponse, description: 'The other task' })
  task: NeighbourResponse;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class DependencyGraphResponse {
  @ApiProperty({ type: [NeighbourResponse], description: 'The task itself among them' })
  nodes: NeighbourResponse[];
  @ApiProperty({ type: [EdgeResponse] })
  edges: EdgeResponse[];
}

export class BlockedTaskResponse extends NeighbourResponse {
  @ApiProperty({ description: 'How many tasks hold it up' })
  blockers: number;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export function toDependencyResponse(row: DependencyRow): DependencyResponse {
  const figures = { isBlocked: row.isBlocked, task: toNeighbourResponse(row.task) };
  return withFigures(
    {
      ...toEdgeResponse(row),
      direction: row.direction,
      ...figures,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      version: row.version,
    },
    figures,
  );
}

export function toDependencyGraphResponse({
  nodes,
  edges,
}: {
  nodes: GraphNode[];
  edges: GraphEdge[];
}): DependencyGraphResponse {
  return { nodes: nodes.map(toNeighbourResponse), edges: edges.map(toEdgeResponse) };
}

export function toBlockedTaskResponse(row: BlockedTaskRow): BlockedTaskResponse {
  return { ...toNeighbourResponse(row), blockers: row.blockers, createdAt: row.createdAt.toISOString() };
}

export function toEdgeResponse({ id, taskId, dependsOnTaskId, type, lagHours, lagDays }: GraphEdge): EdgeResponse {
  return { id, taskId, dependsOnTaskId, type, lagHours, lagDays };
}

function toNeighbourResponse(task: NeighbourResponse): NeighbourResponse {
  const { id, title, status, statusCategory, assigneeId, startDate, dueDate } = task;
  return { id, title, status, statusCategory, assigneeId, startDate, dueDate };
}

/** How much of the graph is asked for. @throws InvalidInput */
export function toGraphQuery(query: Record<string, unknown>): { direction?: GraphDirection; depth?: number } {
  refuseOtherQuery(query, ['direction', 'depth']);
  const { direction, depth } = query;
  if (direction !== undefined && !GRAPH_DIRECTIONS.includes(direction as GraphDirection))
    refuse('direction', 'choice', `direction must be one of ${GRAPH_DIRECTIONS.join(', ')}.`);
  const isDepth = typeof depth === 'string' && /^[1-9]\d{0,2}$/.test(depth) && Number(depth) <= MOST_STEPS;
  if (depth !== undefined && !isDepth)
    refuse('depth', 'range', `depth must be a whole number from 1 to ${MOST_STEPS}; leave it out for everything.`);
  return {
    ...(direction !== undefined && { direction: direction as GraphDirection }),
    ...(isDepth && { depth: Number(depth) }),
  };
}

function refuse(name: string, code: string, message: string): never {
  throw new InvalidInput([{ pointer: `?${name}`, code, message }], 'invalid_query');
}
