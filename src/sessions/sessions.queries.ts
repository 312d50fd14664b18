import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { SessionRow } from './sessions.types.ts';

/** Those that still hold, the one used last first. */
export function listSessions(ctx: TenantContext, userId: string): Promise<SessionRow[]> {
  return ctx.query<SessionRow>(
    `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", method,
            user_agent AS "userAgent", address
       FROM "@tenant".sessions s
      WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
        AND EXISTS (SELECT 1 FROM "@tenant".refresh_tokens t WHERE t.session_id = s.id AND t.used_at IS NULL AND t.expires_at > now())
      ORDER BY last_used_at DESC, id DESC`,
    [userId],
  );
}
