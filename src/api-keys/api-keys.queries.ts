import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { UsableKey } from './api-keys.types.ts';

export interface PresentedKey extends UsableKey {
  lastAddress: string | null;
  /** Neither revoked nor expired, and its text not replaced for longer than the overlap. */
  usable: boolean;
}

/** The key whose text has this hash, be it the current text or the one before. */
export async function findPresentedKey(ctx: TenantContext, hash: Buffer): Promise<PresentedKey | null> {
  const rows = await ctx.query<PresentedKey>(
    `SELECT id, user_id AS "userId", scopes, requests_per_minute AS "requestsPerMinute", last_address AS "lastAddress",
            revoked_at IS NULL AND expires_at > now() AND (hash = $1 OR previous_expires_at > now()) AS usable
       FROM "@tenant".api_keys WHERE hash = $1 OR previous_hash = $1`,
    [hash],
  );
  return rows[0] ?? null;
}
