import { listPage, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { AuditEventRow } from './audit.types.ts';

const SELECT = `e.id, e.at, e.action, e.outcome, e.actor_kind AS "actorKind", e.actor_id AS "actorId",
  e.target_type AS "targetType", e.target_id AS "targetId", e.before, e.after, e.details, e.address,
  e.user_agent AS "userAgent", e.request_id AS "requestId"`;

const COLUMNS: Record<string, ListColumn> = {
  at: { sql: 'e.at', type: 'timestamptz' },
  action: { sql: 'e.action', type: 'text' },
  outcome: { sql: 'e.outcome', type: 'text' },
  actorId: { sql: 'e.actor_id', type: 'uuid', nullable: true },
  targetType: { sql: 'e.target_type', type: 'text', nullable: true },
  targetId: { sql: 'e.target_id', type: 'text', nullable: true },
  address: { sql: 'e.address', type: 'text', nullable: true },
};

export function listAuditEvents(ctx: TenantContext, query: ListQuery): Promise<Page<AuditEventRow>> {
  const source = {
    select: SELECT,
    from: '"@tenant".audit_events e WHERE true',
    parameters: [],
    columns: COLUMNS,
    id: { sql: 'e.id', type: 'uuid' as const },
  };
  return listPage<AuditEventRow>(ctx, source, query);
}

export async function findAuditEvent(ctx: TenantContext, id: string): Promise<AuditEventRow | null> {
  const rows = await ctx.query<AuditEventRow>(`SELECT ${SELECT} FROM "@tenant".audit_events e WHERE e.id = $1`, [id]);
  return rows[0] ?? null;
}
