import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { HistoryRow } from './history.types.ts';

/** Moves and changes of one task in one list; a move is a change of the field `status`. */
export function listHistory(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<HistoryRow>> {
  const source: ListSource = {
    select: `h.id, h.field, h.old_value AS "oldValue", h.new_value AS "newValue", h.actor_id AS "actorId",
      (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = h.actor_id) AS "actorName", h.at`,
    from: `(SELECT id, 'status' AS field, to_jsonb(from_status) AS old_value, to_jsonb(to_status) AS new_value, actor_id, at
              FROM "@tenant".task_status_transitions WHERE task_id = $1
            UNION ALL
            SELECT id, field, old_value, new_value, actor_id, at FROM "@tenant".task_changes WHERE task_id = $1) h WHERE true`,
    parameters: [taskId],
    columns: { field: { sql: 'h.field', type: 'text' }, at: { sql: 'h.at', type: 'timestamptz' } },
    id: { sql: 'h.id', type: 'uuid' },
  };
  return listPage<HistoryRow>(ctx, source, query);
}
