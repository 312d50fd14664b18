import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TooManyAttempts } from './passwords.errors.ts';
import { secondsToNextAttempt } from './passwords.queries.ts';
import { FailedSignIn } from './failed-sign-in.entity.ts';

/** After five failures a second, then twice as long each time, up to a quarter of an hour. */
const PAUSE = `CASE WHEN a.failures < 5 THEN interval '0'
                    ELSE make_interval(secs => least(900, power(2, least(a.failures, 30) - 5))) END`;
/** Who has not tried for so long begins anew. */
const FORGOTTEN = '30 days';

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
    const rows = await ctx.query<{ failures: number }>(
      `INSERT INTO "@tenant".failed_sign_ins AS a (key, failures, last_at) VALUES ($1, 1, clock_timestamp())
       ON CONFLICT (key) DO UPDATE SET failures = a.failures + 1, last_at = clock_timestamp()
         WHERE a.last_at + ${PAUSE} <= clock_timestamp()
       RETURNING failures`,
      [key],
    );
    if (rows[0]) return rows[0].failures;
    throw new TooManyAttempts(Math.max(1, await secondsToNextAttempt(ctx, key, PAUSE)));
  }

  async succeed(ctx: TenantContext, what: string): Promise<void> {
    await ctx.repository(FailedSignIn).delete({ key: keyOf(what) });
    await ctx.query(`DELETE FROM "@tenant".failed_sign_ins WHERE last_at < now() - interval '${FORGOTTEN}'`);
  }
}

function keyOf(what: string): Buffer {
  return createHash('sha256').update(what).digest();
}
