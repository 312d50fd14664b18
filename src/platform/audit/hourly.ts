import { createHash } from 'node:crypto';
import type { TenantContext } from '../tenancy/tenant-context.ts';
import type { AuditEvent } from './audit.ts';

const HOUR_MS = 3_600_000;
/** Keys of an hour and a target that have an event of their own; the others share one, or whoever guesses fills the log. */
const MOST_KEYS = 100;
/** What stands for all other keys. */
const OTHERS = 'others';

/**
 * Records what may happen any number of times on the word of strangers: one event for each key and hour. It keeps when it
 * happened first, and in its details how often and when last; from where is that of the last time. The work is the same for
 * every key.
 *
 * @param key by which they are counted, such as an account or an address; it is kept nowhere
 */
export async function auditHourly(
  ctx: TenantContext,
  { action, outcome = 'refused', target, details = {} }: Omit<AuditEvent, 'before' | 'after'>,
  key: string,
): Promise<void> {
  const { actor, caller } = ctx;
  const hour = Math.floor(Date.now() / HOUR_MS);
  const idOf = (one: string) => idFrom([ctx.tenant.id, action, target?.type, target?.id, hour, one].join('\n'));
  await ctx.query(
    `WITH others AS MATERIALIZED (
       SELECT count(*) >= ${MOST_KEYS} AS full_up FROM (
         SELECT 1 FROM "@tenant".audit_events e
          WHERE e.at >= $13 AND e.action = $3 AND e.target_id IS NOT DISTINCT FROM $8 AND e.id <> $1 LIMIT ${MOST_KEYS}) counted
     ), own AS MATERIALIZED (SELECT EXISTS (SELECT FROM "@tenant".audit_events e WHERE e.id = $1) AS there)
     INSERT INTO "@tenant".audit_events AS a (id, action, outcome, actor_kind, actor_id, target_type, target_id, details, address,
                                              user_agent, request_id)
     SELECT CASE WHEN own.there OR NOT others.full_up THEN $1::uuid ELSE $2::uuid END, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12
       FROM others, own
     ON CONFLICT (id) DO UPDATE SET details = a.details || excluded.details
         || jsonb_build_object('attempts', coalesce((a.details ->> 'attempts')::bigint, 1) + 1, 'lastAt', now()),
       address = excluded.address, user_agent = excluded.user_agent, request_id = excluded.request_id`,
    [
      idOf(`key ${key}`),
      idOf(OTHERS),
      action,
      outcome,
      actor.kind,
      actor.userId,
      target?.type ?? null,
      target?.id ?? null,
      JSON.stringify(details),
      caller.address,
      caller.userAgent,
      caller.requestId,
      new Date(hour * HOUR_MS).toISOString(),
    ],
  );
}

/** A UUID of version 8: the first half of a hash. */
function idFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
