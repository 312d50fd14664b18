import { v7 as newId } from 'uuid';
import type { TenantContext } from '../tenancy/tenant-context.ts';

export interface AuditEvent {
  /** `<what>.<happened>`, such as `role.created` or `sign_in.refused`. */
  action: string;
  /** Refused: somebody tried, and nothing was changed. */
  outcome?: 'done' | 'refused';
  target?: { type: string; id: string };
  /** What was changed, field by field; never a secret, nor anything that it could be made from. */
  before?: object;
  after?: object;
  /** What else tells the story, such as the reason of a refusal. */
  details?: object;
}

/**
 * Records who did what, from where, in the tenant's own table. Inside a transaction it is stored with what it tells of;
 * a refusal is recorded outside, so that it outlives it.
 */
export async function audit(ctx: TenantContext, event: AuditEvent): Promise<void> {
  const { action, outcome = 'done', target, before, after, details } = event;
  const { actor, caller } = ctx;
  await ctx.query(
    `INSERT INTO "@tenant".audit_events (id, action, outcome, actor_kind, actor_id, target_type, target_id, before, after,
                                         details, address, user_agent, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10::jsonb, $11, $12, $13)`,
    [
      newId(),
      action,
      outcome,
      actor.kind,
      actor.userId,
      target?.type ?? null,
      target?.id ?? null,
      jsonOf(before),
      jsonOf(after),
      jsonOf(details),
      caller.address,
      caller.userAgent,
      caller.requestId,
    ],
  );
}

function jsonOf(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
