import { ApiProperty } from '@nestjs/swagger';
import { Day, Line, Text } from '../platform/http/fields.ts';
import { withFigures } from '../platform/http/figures.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { MilestoneRow } from './milestones.queries.ts';

const MARKDOWN = { min: 0, max: 50_000, optional: true, nullable: true, description: 'Markdown' };

export class CreateMilestoneBody {
  @Line({ max: 200 })
  name: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Day({ optional: true, nullable: true })
  dueDate?: string | null;
}

export class UpdateMilestoneBody {
  @Line({ max: 200, optional: true })
  name?: string;
  @Text(MARKDOWN)
  description?: string | null;
  @Day({ optional: true, nullable: true })
  dueDate?: string | null;
}

export const MILESTONE_LIST: ListSpec = {
  filters: {
    id: { kind: 'id' },
    name: { kind: 'text' },
    description: { kind: 'text', nullable: true },
    dueDate: { kind: 'day', nullable: true },
    completedAt: { kind: 'time', nullable: true },
    createdAt: { kind: 'time' },
    updatedAt: { kind: 'time' },
    tasks: { kind: 'number' },
    done: { kind: 'number' },
    completion: { kind: 'number', nullable: true },
    estimatedHours: { kind: 'number' },
    doneHours: { kind: 'number' },
    version: { kind: 'number' },
  },
  sorts: [
    'dueDate',
    'name',
    'createdAt',
    'updatedAt',
    'completedAt',
    'tasks',
    'done',
    'completion',
    'estimatedHours',
    'doneHours',
    'version',
  ],
  defaultSort: 'dueDate',
};

export class ProgressResponse {
  @ApiProperty({ description: 'Tasks of the milestone, cancelled ones left out' })
  tasks: number;
  @ApiProperty()
  done: number;
  @ApiProperty({ description: 'Sum of the estimates' })
  estimatedHours: number;
  @ApiProperty({ description: 'Sum of the estimates of what is done' })
  doneHours: number;
  @ApiProperty({ type: Number, nullable: true, description: 'done / tasks, 0 to 1, four decimals; null without tasks' })
  completion: number | null;
}

export class MilestoneResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ format: 'date', type: String, nullable: true })
  dueDate: string | null;
  @ApiProperty({ format: 'date-time', type: String, nullable: true, description: 'null: not reached yet' })
  completedAt: string | null;
  @ApiProperty({
    type: ProgressResponse,
    nullable: true,
    description: 'null for whoever may not see all tasks of the project',
  })
  progress: ProgressResponse | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toMilestoneResponse(milestone: MilestoneRow): MilestoneResponse {
  const { id, projectId, name, description, dueDate, completedAt, progress, createdAt, updatedAt, version } = milestone;
  return withFigures(
    {
      id,
      projectId,
      name,
      description,
      dueDate,
      completedAt: completedAt?.toISOString() ?? null,
      progress,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      version,
    },
    progress,
  );
}
