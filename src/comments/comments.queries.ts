import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Comment } from './comment.entity.ts';

/** With the name of whoever wrote it, also when they were deleted since. */
export type CommentRow = Omit<Comment, 'deletedAt'> & { authorName: string };

const SELECT = `c.id, c.task_id AS "taskId", c.author_id AS "authorId",
  (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = c.author_id) AS "authorName",
  c.body, c.created_at AS "createdAt", c.updated_at AS "updatedAt", c.version`;

export function listComments(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<CommentRow>> {
  return listPage<CommentRow>(
    ctx,
    {
      select: SELECT,
      from: `"@tenant".comments c WHERE c.deleted_at IS NULL AND c.task_id = $1`,
      parameters: [taskId],
      columns: {
        authorId: { sql: 'c.author_id', type: 'uuid' },
        createdAt: { sql: 'c.created_at', type: 'timestamptz' },
      },
      id: { sql: 'c.id', type: 'uuid' },
    },
    query,
  );
}

/** @param lock keeps the comment from changing until the transaction ends */
export async function findComment(ctx: TenantContext, id: string, { lock = false } = {}): Promise<CommentRow | null> {
  const rows = await ctx.query<CommentRow>(
    `SELECT ${SELECT} FROM "@tenant".comments c WHERE c.id = $1 AND c.deleted_at IS NULL${lock ? ' FOR UPDATE' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}
