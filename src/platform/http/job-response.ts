import { ApiProperty } from '@nestjs/swagger';
import type { JobReport } from '../jobs/job.ts';

class JobProgressResponse {
  @ApiProperty()
  done: number;
  @ApiProperty()
  total: number;
}

/** A background job, as the answer of what begins one, and when it is asked for. */
export class JobResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'move-tenant' })
  name: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  tenantId: string | null;
  @ApiProperty({
    enum: ['queued', 'running', 'done', 'failed', 'dead'],
    description: 'failed: is tried again; dead: is not, until an operator says so',
  })
  state: string;
  @ApiProperty({ description: 'Begun so far' })
  attempts: number;
  @ApiProperty({ type: JobProgressResponse, nullable: true })
  progress: JobProgressResponse | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why the last attempt failed' })
  error: string | null;
  @ApiProperty({ type: Object, nullable: true, description: 'What it gave, once it is done' })
  result: unknown;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
}

export function toJobResponse(job: JobReport): JobResponse {
  const { id, name, tenantId, state, attempts, progress, error, result, createdAt, startedAt, finishedAt } = job;
  return {
    id,
    name,
    tenantId,
    state,
    attempts,
    progress,
    error,
    result,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
