import { AppError } from '../errors/app-error.ts';
import type { TenantContext } from '../tenancy/tenant-context.ts';
import { removeExpiredTokens } from './expired-tokens.ts';
import { formatTenantSecret, hashSecret } from './tenant-secret.ts';
import { Token } from './token.entity.ts';

export const ONE_TIME_PREFIX = 'pft';

/** Unknown, used, expired and made for something else: one answer. */
export class TokenRefused extends AppError {
  constructor() {
    super('invalid', 'invalid_token', 'This link or code is not valid any more. Ask for a new one.');
  }
}

export interface NewToken {
  purpose: string;
  userId?: string;
  data?: object;
  seconds: number;
}

/** A token that works once. What is stored cannot be turned back into it. */
export async function issueToken(
  ctx: TenantContext,
  { purpose, userId, data = {}, seconds }: NewToken,
): Promise<string> {
  const text = formatTenantSecret(ONE_TIME_PREFIX, ctx.tenant.id);
  const expiresAt = new Date(Date.now() + seconds * 1_000);
  await removeExpiredTokens(ctx);
  await ctx.repository(Token).insert({ hash: hashSecret(text), purpose, userId: userId ?? null, data, expiresAt });
  return text;
}

/**
 * Uses a token up, in the caller's transaction: rolled back, it is good again. Of two at once one gets it.
 *
 * @throws TokenRefused
 */
export async function redeemToken<Data extends object = object>(
  tx: TenantContext,
  purpose: string,
  text: string,
): Promise<{ userId: string | null; data: Data }> {
  const rows = await tx.query<{ userId: string | null; data: Data }>(
    `WITH used AS (DELETE FROM "@tenant".tokens WHERE hash = $1 AND purpose = $2 AND expires_at > now()
                   RETURNING user_id, data)
     SELECT user_id AS "userId", data FROM used`,
    [hashSecret(text), purpose],
  );
  if (!rows[0]) throw new TokenRefused();
  return rows[0];
}

/** The same without using it up, for a form that asks before it is sent. @throws TokenRefused */
export async function readToken<Data extends object = object>(
  ctx: TenantContext,
  purpose: string,
  text: string,
): Promise<{ userId: string | null; data: Data }> {
  const rows = await ctx.query<{ userId: string | null; data: Data }>(
    `SELECT user_id AS "userId", data FROM "@tenant".tokens WHERE hash = $1 AND purpose = $2 AND expires_at > now()`,
    [hashSecret(text), purpose],
  );
  if (!rows[0]) throw new TokenRefused();
  return rows[0];
}

/** Of somebody who is gone: of every purpose. */
export async function revokeAllTokens(ctx: TenantContext, userId: string): Promise<void> {
  await ctx.repository(Token).delete({ userId });
}

/** Ends what was issued before: a newer mail makes the older one worthless. */
export async function revokeTokens(ctx: TenantContext, purpose: string, userId: string): Promise<void> {
  await ctx.repository(Token).delete({ purpose, userId });
}
