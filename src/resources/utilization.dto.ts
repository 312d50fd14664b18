import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { ratio, toHours } from './allocation.rules.ts';
import type { OverAllocation } from './over-allocations.service.ts';
import { REMEDY_KINDS, type Remedy } from './resources.types.ts';
import type { Utilization, UtilizedWeek } from './utilization.service.ts';

/** 53 weeks. */
export const MOST_DAYS = 371;

export const PEOPLE_LIST: ListSpec = {
  filters: {},
  sorts: ['lastName'],
  defaultSort: 'lastName',
  besides: ['from', 'to'],
};

class ProjectShareResponse {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: all that you do not see, as one' })
  projectId: string | null;
  @ApiProperty()
  allocatedHours: number;
  @ApiProperty()
  loggedHours: number;
}

class FiguresResponse {
  @ApiProperty({ description: 'What the person works, after holidays and time off' })
  capacityHours: number;
  @ApiProperty({ description: 'What has been promised' })
  allocatedHours: number;
  @ApiProperty({ description: 'What was worked' })
  loggedHours: number;
  @ApiProperty({ type: Number, nullable: true, description: 'allocated / capacity; null without capacity' })
  allocated: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'logged / capacity; null without capacity' })
  logged: number | null;
}

class UtilizedWeekResponse extends FiguresResponse {
  @ApiProperty({ format: 'date', description: 'Its Monday' })
  week: string;
  @ApiProperty({ type: [ProjectShareResponse] })
  projects: ProjectShareResponse[];
}

export class UtilizationResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ type: FiguresResponse, description: 'Over all weeks' })
  total: FiguresResponse;
  @ApiProperty({ type: [UtilizedWeekResponse] })
  weeks: UtilizedWeekResponse[];
}

class RemedyResponse {
  @ApiProperty({ enum: REMEDY_KINDS })
  kind: string;
  @ApiProperty({ format: 'uuid', description: 'The assignment to change' })
  resourceId: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ description: 'What the week gets free' })
  hours: number;
  @ApiProperty({ description: 'Whether that is enough by itself' })
  resolves: boolean;
  @ApiProperty({ required: false, format: 'date', description: 'shift: the Monday of the week that has room' })
  toWeek?: string;
  @ApiProperty({ required: false, format: 'date', description: 'shorten: the first day then' })
  from?: string;
  @ApiProperty({ required: false, format: 'date', description: 'shorten: the last day then' })
  to?: string;
  @ApiProperty({ required: false, format: 'uuid', description: 'hand_over: to whom' })
  userId?: string;
  @ApiProperty({ required: false, description: 'shift, hand_over: the room that there is' })
  freeHours?: number;
}

class AllocatedShareResponse {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: all that you do not see, as one' })
  projectId: string | null;
  @ApiProperty()
  allocatedHours: number;
}

class OverAllocatedWeekResponse {
  @ApiProperty({ format: 'date', description: 'Its Monday' })
  week: string;
  @ApiProperty()
  capacityHours: number;
  @ApiProperty()
  allocatedHours: number;
  @ApiProperty({ description: 'How much that is too much' })
  overHours: number;
  @ApiProperty({ type: [AllocatedShareResponse] })
  projects: AllocatedShareResponse[];
  @ApiProperty({ type: [RemedyResponse], description: 'Those that are enough by themselves first' })
  remedies: RemedyResponse[];
}

export class OverAllocationResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ type: [OverAllocatedWeekResponse] })
  weeks: OverAllocatedWeekResponse[];
}

export function toUtilizationResponse({ userId, weeks }: Utilization): UtilizationResponse {
  const sum = (of: (week: UtilizedWeek) => number) => weeks.reduce((total, week) => total + of(week), 0);
  return {
    userId,
    total: figures({
      capacity: sum((week) => week.capacity),
      allocated: sum((week) => week.allocated),
      logged: sum((week) => week.logged),
    }),
    weeks: weeks.map((week) => ({
      week: week.week,
      ...figures(week),
      projects: week.projects.map(({ projectId, allocated, logged }) => ({
        projectId,
        allocatedHours: toHours(allocated),
        loggedHours: toHours(logged),
      })),
    })),
  };
}

function figures({
  capacity,
  allocated,
  logged,
}: Record<'capacity' | 'allocated' | 'logged', number>): FiguresResponse {
  return {
    capacityHours: toHours(capacity),
    allocatedHours: toHours(allocated),
    loggedHours: toHours(logged),
    allocated: ratio(allocated, capacity),
    logged: ratio(logged, capacity),
  };
}

export function toOverAllocationResponse({ userId, weeks }: OverAllocation): OverAllocationResponse {
  return {
    userId,
    weeks: weeks.map(({ week, capacity, allocated, over, projects, remedies }) => ({
      week,
      capacityHours: toHours(capacity),
      allocatedHours: toHours(allocated),
      overHours: toHours(over),
      projects: projects.map((each) => ({ projectId: each.projectId, allocatedHours: toHours(each.allocated) })),
      remedies: remedies.map(toRemedyResponse),
    })),
  };
}

function toRemedyResponse(remedy: Remedy): RemedyResponse {
  const { kind, resourceId, projectId, minutes, resolves } = remedy;
  const common = { kind, resourceId, projectId, hours: toHours(minutes), resolves };
  if (remedy.kind === 'shorten') return { ...common, from: remedy.from, to: remedy.to };
  const freeHours = toHours(remedy.freeMinutes);
  if (remedy.kind === 'shift') return { ...common, toWeek: remedy.toWeek, freeHours };
  return { ...common, userId: remedy.userId, freeHours };
}
