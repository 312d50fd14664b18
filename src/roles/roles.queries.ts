import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export async function countOwnRoles(ctx: TenantContext): Promise<number> {
  const rows = await ctx.query<{ roles: number }>(
    'SELECT count(*)::int AS roles FROM "@tenant".roles WHERE NOT built_in',
  );
  return rows[0]!.roles;
}
