import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Attachment } from './attachment.entity.ts';

/** With the name of whoever added it, also when they were deleted since. */
export type AttachmentRow = Omit<Attachment, 'deletedAt'> & { uploaderName: string };

const SELECT = `a.id, a.task_id AS "taskId", a.comment_id AS "commentId", a.name, a.media_type AS "mediaType", a.bytes::float8 AS bytes,
  a.sha256, a.file_key AS "fileKey", a.width, a.height, a.has_thumbnail AS "hasThumbnail", a.uploaded_by AS "uploadedBy",
  (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = a.uploaded_by) AS "uploaderName",
  a.created_at AS "createdAt"`;

export function listAttachments(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<AttachmentRow>> {
  return listPage<AttachmentRow>(
    ctx,
    {
      select: SELECT,
      from: `"@tenant".attachments a WHERE a.deleted_at IS NULL AND a.task_id = $1`,
      parameters: [taskId],
      columns: {
        commentId: { sql: 'a.comment_id', type: 'uuid' },
        uploadedBy: { sql: 'a.uploaded_by', type: 'uuid' },
        name: { sql: 'a.name', type: 'text' },
        bytes: { sql: 'a.bytes', type: 'numeric' },
        createdAt: { sql: 'a.created_at', type: 'timestamptz' },
      },
      id: { sql: 'a.id', type: 'uuid' },
    },
    query,
  );
}

/** @param lock keeps it from changing until the transaction ends */
export async function findAttachment(
  ctx: TenantContext,
  id: string,
  { lock = false } = {},
): Promise<AttachmentRow | null> {
  const rows = await ctx.query<AttachmentRow>(
    `SELECT ${SELECT} FROM "@tenant".attachments a WHERE a.id = $1 AND a.deleted_at IS NULL${lock ? ' FOR UPDATE' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

/** Bytes of all files that are attached to something; those of deleted tasks too, for they can be restored. */
export async function countAttachedBytes(tx: TenantContext): Promise<number> {
  const rows = await tx.query<{ bytes: number }>(
    `SELECT coalesce(sum(bytes), 0)::float8 AS bytes FROM "@tenant".attachments WHERE deleted_at IS NULL`,
  );
  return rows[0]!.bytes;
}
