import { ApiProperty } from '@nestjs/swagger';
import { Text } from '../platform/http/fields.ts';
import type { MoveRecord } from './moves.types.ts';

export { JobResponse, toJobResponse } from '../platform/http/job-response.ts';

export class MoveBody {
  @Text({ max: 40, description: 'Where to' })
  cluster: string;
}

export class MoveResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['move', 'restore'] })
  reason: string;
  @ApiProperty({ enum: ['copying', 'switched', 'confirmed', 'undone'] })
  state: string;
  @ApiProperty({ example: 'main' })
  from: string;
  @ApiProperty({ type: String, nullable: true })
  to: string | null;
  @ApiProperty({ type: Number, nullable: true })
  rows: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds during which it was not served' })
  windowMs: number | null;
  @ApiProperty({ type: String, nullable: true })
  error: string | null;
  @ApiProperty({ format: 'date-time' })
  startedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
}

export function toMoveResponse(move: MoveRecord): MoveResponse {
  const { id, reason, state, from, to, rows, windowMs, error, startedAt, finishedAt } = move;
  return {
    id,
    reason,
    state,
    from: from.cluster,
    to: to?.cluster ?? null,
    rows,
    windowMs,
    error,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
