import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TooManyAttempts } from './passwords.errors.ts';
import { findAttempts } from './passwords.queries.ts';
import { latestToFollow, secondsUntilNext } from './sign-in-pauses.rules.ts';

/**
 * Counts attempts in a row that fail, by what is tried: an account, or a person's second factor. What does not exist is
 * counted in the same way, so that the answers tell nobody what exists.
 */
@Injectable()
export class SignInAttempts {
  /**
   * Counts an attempt before its outcome is known, so that many at once are no way around the pause.
   *
   * @returns how many failed in a row with this one, if it fails
   * @throws TooManyAttempts while it has to wait
   */
  async begin(ctx: TenantContext, what: string): Promise<number> {
    const key = keyOf(what);
    const moment = new Date();
    const latest = latestToFollow(moment);
    const rows = await ctx.query<{ failures: number }>(
      `INSERT INTO platform.failed_sign_ins AS a (tenant_schema, key, failures, last_at) VALUES ($1, $2, 1, $3)
       ON CONFLICT (tenant_schema, key) DO UPDATE SET failures = a.failures + 1, last_at = greatest(a.last_at, excluded.last_at)
         WHERE a.last_at <= ($4::timestamptz[])[least(a.failures, ${latest.length})]
       RETURNING failures`,
      [ctx.tenant.binding.schema, key, moment, latest],
    );
    if (rows[0]) return rows[0].failures;
    throw new TooManyAttempts(secondsUntilNext(await findAttempts(ctx, key), new Date()));
  }

  async succeed(ctx: TenantContext, what: string): Promise<void> {
    await ctx.query('DELETE FROM platform.failed_sign_ins WHERE tenant_schema = $1 AND key = $2', [
      ctx.tenant.binding.schema,
      keyOf(what),
    ]);
  }
}

function keyOf(what: string): Buffer {
  return createHash('sha256').update(what).digest();
}
