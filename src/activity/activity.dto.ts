import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { ActivityRow } from './activity.queries.ts';

const SUBJECTS = ['task', 'project', 'milestone', 'workflow', 'member', 'team', 'resource'] as const;

export const ACTIVITY_LIST: ListSpec = {
  filters: {
    subjectType: { kind: 'choice', choices: SUBJECTS },
    subjectId: { kind: 'id' },
    field: { kind: 'text' },
    actorId: { kind: 'id', nullable: true, person: true },
    at: { kind: 'time' },
  },
  sorts: ['at'],
  defaultSort: '-at',
};

export class ActivityResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: SUBJECTS })
  subjectType: string;
  @ApiProperty({ format: 'uuid' })
  subjectId: string;
  @ApiProperty({ type: String, nullable: true, description: 'What it is called today' })
  subjectName: string | null;
  @ApiProperty({ example: 'status' })
  field: string;
  @ApiProperty({ nullable: true, type: Object, description: 'null for a first value, and for a description' })
  oldValue: unknown;
  @ApiProperty({ nullable: true, type: Object, description: 'null for a description' })
  newValue: unknown;
  @ApiProperty({ format: 'uuid', type: String, nullable: true, description: 'null: the system' })
  actorId: string | null;
  @ApiProperty({ type: String, nullable: true })
  actorName: string | null;
  @ApiProperty({ format: 'date-time' })
  at: string;
}

export function toActivityResponse({ at, ...entry }: ActivityRow): ActivityResponse {
  return { ...entry, at: at.toISOString() };
}
