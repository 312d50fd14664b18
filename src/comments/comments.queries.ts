import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Comment } from './comment.entity.ts';

/** Of those who reacted in one way, so many are named. */
const NAMED = 20;

export interface MentionRow {
  userId: string;
  name: string;
}

export interface ReactionRow {
  emoji: string;
  count: number;
  /** By whoever asks. */
  reacted: boolean;
  /** The first of them. */
  userIds: string[];
}

/** With the name of whoever wrote it, also when they were deleted since, and with what others did about it. */
export type CommentRow = Omit<Comment, 'deletedAt' | 'mentions' | 'reactions'> & {
  authorName: string;
  replyCount: number;
  mentions: MentionRow[];
  reactions: ReactionRow[];
};

/** A text that a comment had before it was edited. */
export interface CommentVersionRow {
  id: string;
  body: string;
  writtenAt: Date;
  replacedAt: Date;
}

/** Who asks is bound where the rows come from, so that what is counted has the same parameters as what is shown. */
const ASKED_BY = '(SELECT $2::uuid AS id) me';

const REPLY_COUNT = `(SELECT count(*)::int FROM "@tenant".comments reply WHERE reply.parent_id = c.id AND reply.deleted_at IS NULL)`;

const SELECT = `c.id, c.task_id AS "taskId", c.parent_id AS "parentId", c.author_id AS "authorId",
  (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = c.author_id) AS "authorName",
  c.body, c.created_at AS "createdAt", c.updated_at AS "updatedAt", c.version,
  ${REPLY_COUNT} AS "replyCount",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('userId', u.id, 'name', trim(u.first_name || ' ' || u.last_name)) ORDER BY m.place), '[]')
     FROM unnest(c.mentions) WITH ORDINALITY m (id, place) JOIN "@tenant".users u ON u.id = m.id) AS mentions,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'count', r.count, 'reacted', r.reacted, 'userIds', r.users)
                             ORDER BY r.first), '[]')
     FROM (SELECT e.reaction->>'emoji' AS emoji, count(*) AS count, min(e.place) AS first,
                  coalesce(bool_or(e.reaction->>'userId' = me.id::text), false) AS reacted,
                  (array_agg(e.reaction->>'userId' ORDER BY e.place))[1:${NAMED}] AS users
             FROM jsonb_array_elements(c.reactions) WITH ORDINALITY e (reaction, place) GROUP BY 1) r) AS reactions`;

export function listComments(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<CommentRow>> {
  return listPage<CommentRow>(
    ctx,
    {
      select: SELECT,
      from: `"@tenant".comments c CROSS JOIN ${ASKED_BY} WHERE c.deleted_at IS NULL AND c.task_id = $1`,
      parameters: [taskId, ctx.actor.userId],
      columns: {
        authorId: { sql: 'c.author_id', type: 'uuid' },
        parentId: { sql: 'c.parent_id', type: 'uuid', nullable: true },
        id: { sql: 'c.id', type: 'uuid' },
        body: { sql: 'c.body', type: 'text' },
        createdAt: { sql: 'c.created_at', type: 'timestamptz' },
        updatedAt: { sql: 'c.updated_at', type: 'timestamptz' },
        replyCount: { sql: REPLY_COUNT, type: 'numeric' },
        version: { sql: 'c.version', type: 'numeric' },
      },
      id: { sql: 'c.id', type: 'uuid' },
      searched: 'comment',
    },
    query,
  );
}

/** @param lock keeps the comment from changing until the transaction ends */
export async function findComment(ctx: TenantContext, id: string, { lock = false } = {}): Promise<CommentRow | null> {
  const rows = await ctx.query<CommentRow>(
    `SELECT ${SELECT} FROM "@tenant".comments c CROSS JOIN ${ASKED_BY}
      WHERE c.id = $1 AND c.deleted_at IS NULL${lock ? ' FOR UPDATE OF c' : ''}`,
    [id, ctx.actor.userId],
  );
  return rows[0] ?? null;
}

/** The texts that a comment had before, from the history. */
export function listVersions(
  ctx: TenantContext,
  { id, taskId }: CommentRow,
  query: ListQuery,
): Promise<Page<CommentVersionRow>> {
  return listPage<CommentVersionRow>(
    ctx,
    {
      select: `v.id, v.old_value->>'body' AS body, (v.old_value->>'writtenAt')::timestamptz AS "writtenAt", v.at AS "replacedAt"`,
      from: `"@tenant".history v WHERE v.task_id = $1 AND v.entity_id = $2`,
      parameters: [taskId, id],
      columns: { replacedAt: { sql: 'v.at', type: 'timestamptz' } },
      id: { sql: 'v.id', type: 'uuid' },
    },
    query,
  );
}
