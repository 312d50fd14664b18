import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { SessionRow } from './sessions.types.ts';

/** Those that still hold, the one used last first. */
export function listSessions(ctx: TenantContext, userId: string): Promise<SessionRow[]> {
  return ctx.query<SessionRow>(
    `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", method,
            user_agent AS "userAgent", address
       FROM "@tenant".sessions s
      WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
        AND EXISTS (SELECT 1 FROM "@tenant".tokens t
                     WHERE t.session_id = s.id AND t.purpose = 'refresh' AND t.used_at IS NULL AND t.expires_at > now())
      ORDER BY last_used_at DESC, id DESC`,
    [userId],
  );
}

/** In one statement, however many there are. @returns the ids of those that ended */
export async function endSessions(
  tx: TenantContext,
  userId: string,
  { exceptId, openedBefore }: { exceptId: string | null; openedBefore: Date },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `WITH ended AS (UPDATE "@tenant".sessions SET revoked_at = now()
                     WHERE user_id = $1 AND revoked_at IS NULL AND created_at <= $2 AND id IS DISTINCT FROM $3::uuid RETURNING id)
     SELECT id FROM ended`,
    [userId, openedBefore, exceptId],
  );
  return rows.map(({ id }) => id);
}
