import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export async function countOwnRoles(ctx: TenantContext): Promise<number> {
  const rows = await ctx.query<{ roles: number }>(
    'SELECT count(*)::int AS roles FROM "@tenant".roles WHERE NOT built_in',
  );
  return rows[0]!.roles;
}

/** Whether any account has the role. Reads another module's table: which roles an account has is a column of its own. */
export async function isRoleHeld(ctx: TenantContext, roleId: string): Promise<boolean> {
  const rows = await ctx.query('SELECT 1 FROM "@tenant".users WHERE role_ids @> ARRAY[$1::uuid] LIMIT 1', [roleId]);
  return rows.length > 0;
}
