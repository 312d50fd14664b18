import { ApiProperty } from '@nestjs/swagger';
import { Id, Text } from '../platform/http/fields.ts';
import { withFigures } from '../platform/http/figures.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { CommentRow, CommentVersionRow } from './comments.queries.ts';

const BODY = {
  max: 20_000,
  description: 'Markdown. `@[Any label](user:<uuid>)` and `@someone@example.com` mention people who may see the task',
};

export class NewCommentBody {
  @Text(BODY)
  body: string;
  @Id({
    optional: true,
    nullable: true,
    description: 'The comment on the same task that it replies to; no reply itself',
  })
  parentId?: string | null;
}

export class CommentBody {
  @Text(BODY)
  body: string;
}

export const COMMENT_LIST: ListSpec = {
  filters: {
    id: { kind: 'id' },
    authorId: { kind: 'id', person: true },
    parentId: { kind: 'id', nullable: true },
    body: { kind: 'text' },
    createdAt: { kind: 'time' },
    updatedAt: { kind: 'time' },
    replyCount: { kind: 'number' },
    version: { kind: 'number' },
  },
  sorts: ['createdAt', 'updatedAt', 'authorId', 'parentId', 'replyCount', 'version'],
  defaultSort: 'createdAt',
  words: 'optional',
};

export const COMMENT_HISTORY_LIST: ListSpec = {
  filters: { replacedAt: { kind: 'time' } },
  sorts: ['replacedAt'],
  defaultSort: '-replacedAt',
};

export class MentionResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ description: 'As they are called now' })
  name: string;
}

export class ReactionResponse {
  @ApiProperty({ example: '👍' })
  emoji: string;
  @ApiProperty()
  count: number;
  @ApiProperty({ description: 'By whoever asks' })
  reacted: boolean;
  @ApiProperty({ type: [String], description: 'The first 20 of them' })
  userIds: string[];
}

export class CommentResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  taskId: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true, description: 'The comment that it replies to' })
  parentId: string | null;
  @ApiProperty({ format: 'uuid' })
  authorId: string;
  @ApiProperty({ description: 'Deleted user, when they were deleted since' })
  authorName: string;
  @ApiProperty({ description: 'Markdown, as typed' })
  body: string;
  @ApiProperty({ type: [MentionResponse] })
  mentions: MentionResponse[];
  @ApiProperty({ type: [ReactionResponse], description: 'The oldest first' })
  reactions: ReactionResponse[];
  @ApiProperty()
  replyCount: number;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time', description: 'Of its text' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class CommentVersionResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'Markdown, as typed' })
  body: string;
  @ApiProperty({ format: 'date-time' })
  writtenAt: string;
  @ApiProperty({ format: 'date-time' })
  replacedAt: string;
}

export function toCommentResponse(comment: CommentRow): CommentResponse {
  const { id, taskId, parentId, authorId, authorName, body, replyCount, version } = comment;
  const mentions = comment.mentions.map(({ userId, name }) => ({ userId, name }));
  const reactions = comment.reactions.map(({ emoji, count, reacted, userIds }) => ({ emoji, count, reacted, userIds }));
  return withFigures(
    {
      id,
      taskId,
      parentId,
      authorId,
      authorName,
      body,
      mentions,
      reactions,
      replyCount,
      createdAt: comment.createdAt.toISOString(),
      updatedAt: comment.updatedAt.toISOString(),
      version,
    },
    { authorName, mentions, reactions },
  );
}

export function toCommentVersionResponse(row: CommentVersionRow): CommentVersionResponse {
  const { id, body, writtenAt, replacedAt } = row;
  return { id, body, writtenAt: writtenAt.toISOString(), replacedAt: replacedAt.toISOString() };
}
