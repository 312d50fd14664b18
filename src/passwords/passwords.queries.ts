import { hasSecondFactorSql } from '../platform/credentials/second-factor.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/** Somebody who can sign in, or could once; with what the check of a password needs. */
export interface Account {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  active: boolean;
  /** Whether mails are known to reach them. */
  emailVerified: boolean;
  /** Null for somebody who never chose one. */
  hash: string | null;
  disabled: boolean;
  /** Rises with every new password and when somebody lets them in again: failures of before count no more. */
  since: string | null;
}

const SELECT = `SELECT u.id, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.active,
       u.email_verified_at IS NOT NULL AS "emailVerified", p.secret AS hash,
       p.disabled_at IS NOT NULL AS disabled, greatest(p.created_at, p.unlocked_at)::text AS since
  FROM "@tenant".users u LEFT JOIN "@tenant".credentials p ON p.user_id = u.id AND p.type = 'password'`;

/** Reads the people's table for that one reason: a sign-in begins with an address. Found by its one spelling; a program has no way to sign in. */
export async function findAccount(ctx: TenantContext, email: string): Promise<Account | null> {
  const rows = await ctx.query<Account>(
    `${SELECT} WHERE u.canonical_email = $1 AND u.kind = 'person' AND u.deleted_at IS NULL`,
    [addressKey(email)],
  );
  return rows[0] ?? null;
}

export async function findAccountById(ctx: TenantContext, id: string): Promise<Account | null> {
  const rows = await ctx.query<Account>(`${SELECT} WHERE u.id = $1 AND u.kind = 'person' AND u.deleted_at IS NULL`, [
    id,
  ]);
  return rows[0] ?? null;
}

export async function hasSecondFactor(ctx: TenantContext, userId: string): Promise<boolean> {
  const rows = await ctx.query<{ has: boolean }>(`SELECT ${hasSecondFactorSql('$1')} AS has`, [userId]);
  return rows[0]!.has;
}

/** Attempts in a row that failed; null without any. */
export async function findAttempts(
  ctx: TenantContext,
  key: Buffer,
): Promise<{ failures: number; lastAt: Date } | null> {
  const rows = await ctx.query<{ failures: number; lastAt: Date }>(
    `SELECT failures, last_at AS "lastAt" FROM platform.failed_sign_ins WHERE tenant_schema = $1 AND key = $2`,
    [ctx.tenant.binding.schema, key],
  );
  return rows[0] ?? null;
}
