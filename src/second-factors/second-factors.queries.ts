import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Passkey } from './second-factors.types.ts';

export interface FactorsRow {
  totpSince: Date | null;
  passkeys: number;
  recoveryCodes: number;
}

/** What stands beside the password of a person. */
export async function findFactors(ctx: TenantContext, userId: string): Promise<FactorsRow> {
  const rows = await ctx.query<FactorsRow>(
    `SELECT max(confirmed_at) FILTER (WHERE type = 'totp') AS "totpSince",
            (count(*) FILTER (WHERE type = 'passkey'))::int AS passkeys,
            (count(*) FILTER (WHERE type = 'recovery_code' AND used_at IS NULL))::int AS "recoveryCodes"
       FROM "@tenant".credentials WHERE user_id = $1 AND type IN ('totp', 'passkey', 'recovery_code')`,
    [userId],
  );
  return rows[0]!;
}

/** Takes the step of a code, unless it or a later one was taken. Two with the same code at once: one gets it. */
export async function takeStep(tx: TenantContext, userId: string, step: number): Promise<boolean> {
  const rows = await tx.query(
    `WITH taken AS (UPDATE "@tenant".credentials SET data = jsonb_build_object('lastStep', $2::bigint)
                     WHERE user_id = $1 AND type = 'totp' AND (data->>'lastStep')::bigint < $2 RETURNING 1)
     SELECT * FROM taken`,
    [userId, step],
  );
  return rows.length > 0;
}

export async function takeRecoveryCode(tx: TenantContext, userId: string, hash: string): Promise<boolean> {
  const rows = await tx.query(
    `WITH taken AS (UPDATE "@tenant".credentials SET used_at = now()
                     WHERE user_id = $1 AND type = 'recovery_code' AND key = $2 AND used_at IS NULL RETURNING 1)
     SELECT * FROM taken`,
    [userId, hash],
  );
  return rows.length > 0;
}

/** Of a row of credentials. */
export const PASSKEY = `id, user_id AS "userId", key AS "credentialId", data->>'publicKey' AS "publicKey",
  (data->>'counter')::float8 AS counter, data->'transports' AS transports, data->>'name' AS name,
  created_at AS "createdAt", used_at AS "lastUsedAt"`;

/** The oldest first. */
export function listPasskeys(ctx: TenantContext, userId: string): Promise<Passkey[]> {
  return ctx.query<Passkey>(
    `SELECT ${PASSKEY} FROM "@tenant".credentials WHERE user_id = $1 AND type = 'passkey' ORDER BY created_at, id`,
    [userId],
  );
}

/** Whoever else shows the same one waits until the transaction ends. */
export async function lockPasskey(tx: TenantContext, credentialId: string): Promise<Passkey | null> {
  const rows = await tx.query<Passkey>(
    `SELECT ${PASSKEY} FROM "@tenant".credentials WHERE provider_id IS NULL AND type = 'passkey' AND key = $1 FOR UPDATE`,
    [credentialId],
  );
  return rows[0] ?? null;
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
