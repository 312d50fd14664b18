import { ApiProperty } from '@nestjs/swagger';
import { Whole } from '../platform/http/fields.ts';
import { FileAnswer } from '../platform/http/file-answer.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { AttachmentRow } from './attachments.queries.ts';
import type { OpenedFile } from './attachments.service.ts';

export const ATTACHMENT_LIST: ListSpec = {
  filters: {
    commentId: { kind: 'id', nullable: true },
    uploadedBy: { kind: 'id', person: true },
    name: { kind: 'text' },
    bytes: { kind: 'number' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'name', 'bytes'],
  defaultSort: 'createdAt',
};

export class AttachmentResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  taskId: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true })
  commentId: string | null;
  @ApiProperty()
  name: string;
  @ApiProperty({ description: 'By the extension of the name, which fits the content; markup is text/plain' })
  mediaType: string;
  @ApiProperty()
  bytes: number;
  @ApiProperty({ description: 'Of the content, hex' })
  sha256: string;
  @ApiProperty({ type: Number, nullable: true, description: 'Pixels, upright; of PNG, JPEG and WebP' })
  width: number | null;
  @ApiProperty({ type: Number, nullable: true })
  height: number | null;
  @ApiProperty({ description: 'Whether there is a small picture of it' })
  hasThumbnail: boolean;
  @ApiProperty({ format: 'uuid' })
  uploadedBy: string;
  @ApiProperty({ description: 'Deleted user, when they were deleted since' })
  uploaderName: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class FileLinkBody {
  @Whole({ min: 1, max: 3_600, optional: true, description: '300 when not given' })
  expiresInSeconds?: number;
}

export class FileLinkResponse {
  @ApiProperty({ description: 'Works without signing in' })
  url: string;
  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
}

export function toAttachmentResponse(row: AttachmentRow): AttachmentResponse {
  const { id, taskId, commentId, name, mediaType, bytes, sha256, width, height } = row;
  const { hasThumbnail, uploadedBy, uploaderName, createdAt } = row;
  return {
    id,
    taskId,
    commentId,
    name,
    mediaType,
    bytes,
    sha256,
    width,
    height,
    hasThumbnail,
    uploadedBy,
    uploaderName,
    createdAt: createdAt.toISOString(),
  };
}

export function toFileLinkResponse({ url, expiresAt }: { url: string; expiresAt: Date }): FileLinkResponse {
  return { url, expiresAt: expiresAt.toISOString() };
}

/** Never shown by a browser where it stands: whoever made it may mean harm. */
export function toFile({ attachment: { sha256, mediaType, name, bytes }, read }: OpenedFile): FileAnswer {
  return new FileAnswer({ version: sha256, type: mediaType, name, bytes }, read);
}

export function toThumbnail({ attachment: { sha256 }, read }: OpenedFile): FileAnswer {
  return new FileAnswer({ version: `${sha256}-320`, type: 'image/webp', name: 'thumbnail.webp', inline: true }, () =>
    read(),
  );
}
