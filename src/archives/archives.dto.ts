import { ApiProperty } from '@nestjs/swagger';
import type { ArchiveRecord } from './archive.entity.ts';

class ExportProgressResponse {
  @ApiProperty({ description: 'Rows written' })
  done: number;
  @ApiProperty({ description: 'Rows of the tables that were begun' })
  total: number;
}

export class ExportResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['queued', 'writing', 'ready', 'failed'] })
  state: string;
  @ApiProperty({ type: ExportProgressResponse })
  progress: ExportProgressResponse;
  @ApiProperty({ type: Number, nullable: true })
  bytes: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of the file, in hex' })
  sha256: string | null;
  @ApiProperty({ type: String, nullable: true })
  error: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it is removed' })
  expiresAt: string | null;
}

export function toExportResponse(record: ArchiveRecord): ExportResponse {
  const { id, state, rows, rowsExpected, bytes, sha256, error, createdAt, finishedAt, expiresAt } = record;
  return {
    id,
    state,
    progress: { done: Number(rows), total: Number(rowsExpected) },
    bytes: bytes === null ? null : Number(bytes),
    sha256,
    error,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
