import type { EntityManager } from 'typeorm';
import type { Operator } from '../platform/access/operator.ts';
import { listPage, registryReader, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';

/** Whose session it is; null when it has ended or they may not sign in any more. */
export async function findOperatorOf(
  registry: EntityManager,
  sessionId: string,
  operatorId: string,
): Promise<Operator | null> {
  const rows = await registry.query<Operator[]>(
    `SELECT o.id, o.email, o.name, s.id AS "sessionId"
       FROM public.operator_sessions s JOIN public.operators o ON o.id = s.operator_id
      WHERE s.id = $1 AND o.id = $2 AND o.active AND s.revoked_at IS NULL AND s.expires_at > now()`,
    [sessionId, operatorId],
  );
  return rows[0] ?? null;
}

export interface OperatorEventRow {
  id: string;
  at: Date;
  operatorId: string | null;
  operatorEmail: string | null;
  action: string;
  outcome: string;
  targetType: string | null;
  targetId: string | null;
  details: object | null;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  osUser: string | null;
  osHost: string | null;
}

const EVENT = `e.id, e.at, e.operator_id AS "operatorId", e.operator_email AS "operatorEmail", e.action, e.outcome,
  e.target_type AS "targetType", e.target_id AS "targetId", e.details, e.address, e.user_agent AS "userAgent",
  e.request_id AS "requestId", e.os_user AS "osUser", e.os_host AS "osHost"`;

const EVENT_COLUMNS: Record<string, ListColumn> = {
  at: { sql: 'e.at', type: 'timestamptz' },
  operatorId: { sql: 'e.operator_id', type: 'uuid' },
  action: { sql: 'e.action', type: 'text' },
  outcome: { sql: 'e.outcome', type: 'text' },
  targetType: { sql: 'e.target_type', type: 'text' },
  targetId: { sql: 'e.target_id', type: 'text' },
  osUser: { sql: 'e.os_user', type: 'text' },
};

export function listOperatorEvents(registry: EntityManager, query: ListQuery): Promise<Page<OperatorEventRow>> {
  return listPage<OperatorEventRow>(
    registryReader(registry),
    {
      select: EVENT,
      from: 'public.operator_events e WHERE true',
      parameters: [],
      columns: EVENT_COLUMNS,
      id: { sql: 'e.id', type: 'uuid' },
    },
    query,
  );
}
