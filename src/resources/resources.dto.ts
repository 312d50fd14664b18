import { ApiProperty } from '@nestjs/swagger';
import { Amount, Day, Id, Text } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { toHours } from './allocation.rules.ts';
import type { ResourceRow } from './resources.queries.ts';
import type { PlannedResource } from './resources.service.ts';

const NOTE = { min: 0, max: 2_000, optional: true, nullable: true };
const HOURS = { max: 168, decimals: 2, optional: true, nullable: true, description: 'More than 0; or percent' };
const PERCENT = { max: 200, decimals: 2, optional: true, nullable: true, description: 'Of what the person works' };

export class AddResourceBody {
  @Id({ description: 'An active member of the project' })
  userId: string;
  @Amount(HOURS)
  hoursPerWeek?: number | null;
  @Amount(PERCENT)
  percent?: number | null;
  @Day({ description: 'First day' })
  from: string;
  @Day({ description: 'Last day' })
  to: string;
  @Text(NOTE)
  note?: string | null;
}

export class UpdateResourceBody {
  @Amount({ ...HOURS, description: 'Replaces percent' })
  hoursPerWeek?: number | null;
  @Amount({ ...PERCENT, description: 'Replaces hoursPerWeek' })
  percent?: number | null;
  @Day({ optional: true })
  from?: string;
  @Day({ optional: true })
  to?: string;
  @Text(NOTE)
  note?: string | null;
}

export const RESOURCE_LIST: ListSpec = {
  filters: {
    userId: { kind: 'id', person: true },
    from: { kind: 'day' },
    to: { kind: 'day' },
    hoursPerWeek: { kind: 'number', nullable: true },
    percent: { kind: 'number', nullable: true },
    note: { kind: 'text', nullable: true },
  },
  sorts: ['from', 'to', 'createdAt', 'hoursPerWeek', 'percent'],
  defaultSort: 'from',
};

export class ResourceResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ type: Number, nullable: true, description: 'null where a share is planned' })
  hoursPerWeek: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Of what the person works; null where hours are planned' })
  percent: number | null;
  @ApiProperty({ format: 'date', description: 'First day' })
  from: string;
  @ApiProperty({ format: 'date', description: 'Last day' })
  to: string;
  @ApiProperty({ type: String, nullable: true })
  note: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

class OverAllocationWarningResponse {
  @ApiProperty({ format: 'date', description: 'Its Monday' })
  week: string;
  @ApiProperty({ description: 'What the person works' })
  capacityHours: number;
  @ApiProperty({ description: 'What all projects have been promised' })
  allocatedHours: number;
  @ApiProperty({ description: 'How much that is too much' })
  overHours: number;
}

export class PlannedResourceResponse extends ResourceResponse {
  @ApiProperty({
    type: [OverAllocationWarningResponse],
    description: 'Weeks of this assignment, at most 53 from now on, for which the person has been promised too much',
  })
  warnings: OverAllocationWarningResponse[];
}

export function toResourceResponse(row: ResourceRow): ResourceResponse {
  const { id, projectId, userId, hoursPerWeek, percent, from, to, note, createdAt, updatedAt, version } = row;
  return {
    id,
    projectId,
    userId,
    hoursPerWeek,
    percent,
    from,
    to,
    note,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}

export function toPlannedResourceResponse(row: PlannedResource): PlannedResourceResponse {
  const warnings = row.warnings.map(({ week, capacity, allocated, over }) => ({
    week,
    capacityHours: toHours(capacity),
    allocatedHours: toHours(allocated),
    overHours: toHours(over),
  }));
  return { ...toResourceResponse(row), warnings };
}
