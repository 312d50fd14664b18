import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface FactorsRow {
  totpSince: Date | null;
  passkeys: number;
  recoveryCodes: number;
}

/** What stands beside the password of a person. */
export async function findFactors(ctx: TenantContext, userId: string): Promise<FactorsRow> {
  const rows = await ctx.query<FactorsRow>(
    `SELECT (SELECT confirmed_at FROM "@tenant".totp_secrets WHERE user_id = $1) AS "totpSince",
            (SELECT count(*)::int FROM "@tenant".passkeys WHERE user_id = $1) AS passkeys,
            (SELECT count(*)::int FROM "@tenant".recovery_codes WHERE user_id = $1 AND used_at IS NULL) AS "recoveryCodes"`,
    [userId],
  );
  return rows[0]!;
}

/** Takes the step of a code, unless it or a later one was taken. Two with the same code at once: one gets it. */
export async function takeStep(tx: TenantContext, userId: string, step: number): Promise<boolean> {
  const rows = await tx.query(
    `WITH taken AS (UPDATE "@tenant".totp_secrets SET last_step = $2 WHERE user_id = $1 AND last_step < $2 RETURNING 1)
     SELECT * FROM taken`,
    [userId, step],
  );
  return rows.length > 0;
}

export async function takeRecoveryCode(tx: TenantContext, userId: string, hash: Buffer): Promise<boolean> {
  const rows = await tx.query(
    `WITH taken AS (UPDATE "@tenant".recovery_codes SET used_at = now()
                     WHERE user_id = $1 AND hash = $2 AND used_at IS NULL RETURNING 1)
     SELECT * FROM taken`,
    [userId, hash],
  );
  return rows.length > 0;
}

/** For the label in the authenticator app, and for who may act on whom. */
export async function findPerson(
  ctx: TenantContext,
  userId: string,
): Promise<{ email: string; name: string; level: number; isOwner: boolean } | null> {
  const rows = await ctx.query<{ email: string; name: string; level: number; isOwner: boolean }>(
    `SELECT u.email, u.first_name || ' ' || u.last_name AS name, coalesce(max(r.level), 0) AS level,
            coalesce(bool_or(r.key = 'owner'), false) AS "isOwner"
       FROM "@tenant".users u LEFT JOIN "@tenant".roles r ON r.id = ANY (u.role_ids)
      WHERE u.id = $1 GROUP BY u.id`,
    [userId],
  );
  return rows[0] ?? null;
}
