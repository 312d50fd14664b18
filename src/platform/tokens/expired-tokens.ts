import type { TenantContext } from '../tenancy/tenant-context.ts';
import { REFRESH_PURPOSE } from './token.entity.ts';

/** Those that nobody came for in time. Refresh tokens stay: they go with their session. */
export async function removeExpiredTokens(ctx: TenantContext): Promise<void> {
  await ctx.query(`DELETE FROM "@tenant".tokens WHERE purpose <> '${REFRESH_PURPOSE}' AND expires_at < now()`);
}
