import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { FieldChange, StatusCategory, Subject } from './history.types.ts';

/** One row. A change of a task's status says also what the statuses meant. */
export type NewChange = FieldChange & Subject & { fromCategory?: StatusCategory | null; toCategory?: StatusCategory };

/** The one table of everything that happened. */
@Injectable()
export class HistoryService {
  /** Writes down what happened at one moment, in one statement. */
  async put(tx: TenantContext, changes: readonly NewChange[], at: Date): Promise<void> {
    if (changes.length === 0) return;
    await tx.query(
      `INSERT INTO "@tenant".history
         (id, entity_type, entity_id, project_id, task_id, field, old_value, new_value, from_category, to_category, actor_id, at)
       SELECT change.*, $11::uuid, $12::timestamptz
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::jsonb[], $8::jsonb[], $9::text[], $10::text[]) change`,
      [
        changes.map(() => newId()),
        changes.map(({ entityType }) => entityType),
        changes.map(({ entityId }) => entityId),
        changes.map(({ projectId }) => projectId),
        changes.map(({ taskId }) => taskId),
        changes.map(({ field }) => field),
        changes.map(({ oldValue }) => json(oldValue)),
        changes.map(({ newValue }) => json(newValue)),
        changes.map(({ fromCategory = null }) => fromCategory),
        changes.map(({ toCategory = null }) => toCategory),
        ...[tx.actor.userId, at],
      ],
    );
  }
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
