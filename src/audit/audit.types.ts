import type { StoredAuditEvent } from '../platform/audit/audit-event.entity.ts';

/** An audit event as it is read. */
export type AuditEventRow = Pick<
  StoredAuditEvent,
  | 'id'
  | 'at'
  | 'action'
  | 'outcome'
  | 'actorKind'
  | 'actorId'
  | 'targetType'
  | 'targetId'
  | 'before'
  | 'after'
  | 'details'
  | 'address'
  | 'userAgent'
  | 'requestId'
>;
