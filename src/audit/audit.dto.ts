import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { AuditEventRow } from './audit.types.ts';

export const AUDIT_LIST: ListSpec = {
  filters: {
    at: { kind: 'time' },
    action: { kind: 'text' },
    outcome: { kind: 'choice', choices: ['done', 'refused'] },
    actorId: { kind: 'id', nullable: true, person: true },
    targetType: { kind: 'text' },
    targetId: { kind: 'text' },
    address: { kind: 'text' },
  },
  sorts: ['at'],
  defaultSort: '-at',
};

const FIELDS = { type: 'object', additionalProperties: true, nullable: true } as const;

export class AuditEventResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ example: 'role.created' })
  action: string;
  @ApiProperty({ enum: ['done', 'refused'], description: 'refused: somebody tried, and nothing was changed' })
  outcome: string;
  @ApiProperty({ enum: ['user', 'key', 'operator', 'system'] })
  actorKind: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  actorId: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'user' })
  targetType: string | null;
  @ApiProperty({ type: String, nullable: true })
  targetId: string | null;
  @ApiProperty({ ...FIELDS, description: 'What was changed, as it was' })
  before: object | null;
  @ApiProperty({ ...FIELDS, description: 'What was changed, as it is' })
  after: object | null;
  @ApiProperty(FIELDS)
  details: object | null;
  @ApiProperty({ type: String, nullable: true, description: 'Where the request came from' })
  address: string | null;
  @ApiProperty({ type: String, nullable: true })
  userAgent: string | null;
  @ApiProperty()
  requestId: string;
}

export function toAuditEventResponse({ at, ...event }: AuditEventRow): AuditEventResponse {
  return { ...event, at: at.toISOString() };
}
