import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/** Names of the providers that take the place of this person's password; none for an owner, whose password is the way back. */
export async function findEnforcedNames(ctx: TenantContext, userId: string): Promise<string[]> {
  const rows = await ctx.query<{ name: string }>(
    `SELECT p.name FROM "@tenant".sign_in_providers p
      WHERE p.enforced AND p.enabled
        AND NOT EXISTS (SELECT FROM "@tenant".users u JOIN "@tenant".roles r ON r.id = ANY (u.role_ids)
                         WHERE u.id = $1 AND r.key = 'owner')
      ORDER BY p.created_at, p.id`,
    [userId],
  );
  return rows.map((row) => row.name);
}
