import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface WatcherRow {
  userId: string;
  name: string;
  createdAt: Date;
}

const SELECT = `w.user_id AS "userId", trim(u.first_name || ' ' || u.last_name) AS name, w.created_at AS "createdAt"`;
const FROM = `"@tenant".task_watchers w JOIN "@tenant".users u ON u.id = w.user_id WHERE w.task_id = $1`;

export function listWatchers(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<WatcherRow>> {
  return listPage<WatcherRow>(
    ctx,
    {
      select: SELECT,
      from: FROM,
      parameters: [taskId],
      columns: { createdAt: { sql: 'w.created_at', type: 'timestamptz' } },
      id: { sql: 'w.user_id', type: 'uuid' },
    },
    query,
  );
}

export async function findWatcher(ctx: TenantContext, taskId: string, userId: string): Promise<WatcherRow | null> {
  const rows = await ctx.query<WatcherRow>(`SELECT ${SELECT} FROM ${FROM} AND w.user_id = $2`, [taskId, userId]);
  return rows[0] ?? null;
}
