import { ApiProperty } from '@nestjs/swagger';
import { Text } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { CommentRow } from './comments.queries.ts';

export class CommentBody {
  @Text({ max: 20_000, description: 'Markdown' })
  body: string;
}

export const COMMENT_LIST: ListSpec = {
  filters: { authorId: { kind: 'id' }, createdAt: { kind: 'time' } },
  sorts: ['createdAt'],
  defaultSort: 'createdAt',
};

export class CommentResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  taskId: string;
  @ApiProperty({ format: 'uuid' })
  authorId: string;
  @ApiProperty({ description: 'Deleted user, when they were deleted since' })
  authorName: string;
  @ApiProperty({ description: 'Markdown, as typed' })
  body: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toCommentResponse({ createdAt, updatedAt, version, ...comment }: CommentRow): CommentResponse {
  return { ...comment, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), version };
}
