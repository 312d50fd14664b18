import type { ListSource } from '../platform/database/keyset.ts';

/** What happened to a task, or to what belongs to it; the task leads the index. */
export function changesOfEntity(taskId: string, entityId: string): ListSource {
  return {
    select: `h.id, h.field, h.old_value AS "oldValue", h.new_value AS "newValue", h.actor_id AS "actorId",
      (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = h.actor_id) AS "actorName", h.at`,
    from: `"@tenant".history h WHERE h.task_id = $1 AND h.entity_id = $2`,
    parameters: [taskId, entityId],
    columns: { field: { sql: 'h.field', type: 'text' }, at: { sql: 'h.at', type: 'timestamptz' } },
    id: { sql: 'h.id', type: 'uuid' },
  };
}
