import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { addressKey } from '../mail/canonical-address.ts';
import type { TenantContext } from '../tenancy/tenant-context.ts';
import { networkOf } from './addresses.ts';
import { RateLimited } from './limits.errors.ts';
import { RequestCounts, WINDOWS } from './request-counts.ts';
import { StrangerLimits } from './stranger-limits.ts';

/** What one address may get wrong with one account in a quarter of an hour. */
const FAILED_SIGN_INS = 5;
/** What an address may be sent in an hour on the word of one who asks, and of all. */
const MAILS_OF_ONE = 5;
const MAILS_OF_ALL = 20;

/** Limits of single things that people do, besides those of requests. */
@Injectable()
export class ActionLimits {
  constructor(
    private readonly counts: RequestCounts,
    private readonly strangers: StrangerLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param account what is counted by, the same for each spelling; also of none that exists @throws RateLimited */
  async demandSignIn(ctx: TenantContext, account: string): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    const { used, resetSeconds } = await this.counts.read('sign-in', keyOf(ctx, account));
    if (used >= FAILED_SIGN_INS)
      throw new RateLimited(`${FAILED_SIGN_INS} attempts from this address failed.`, resetSeconds);
  }

  async countFailedSignIn(ctx: TenantContext, account: string): Promise<void> {
    if (this.config.RATE_LIMIT_ENABLED) await this.counts.count('sign-in', keyOf(ctx, account));
  }

  /**
   * Whether one more mail may be sent to an address that somebody has typed; counted whether it is anybody's or not. Who
   * asks has a few of their own, so that others who ask for the same address do not use them up.
   */
  async takeMail(ctx: TenantContext, address: string): Promise<boolean> {
    if (!this.config.RATE_LIMIT_ENABLED) return true;
    const recipient = addressKey(address);
    const [own, all] = await Promise.all([
      this.counts.count('mail', keyOf(ctx, recipient)),
      this.counts.count('mail', `${ctx.tenant.id}:${hashed(recipient)}`),
    ]);
    return own.used <= MAILS_OF_ONE && all.used <= MAILS_OF_ALL;
  }

  /** The same for somebody who is signed in, and may know; of all organisations together. @throws RateLimited */
  async demandMail(ctx: TenantContext, address: string): Promise<void> {
    if (!(await this.takeMail(ctx, address)) || !(await this.strangers.takeRecipient(address)))
      throw new RateLimited('This address was sent several mails within the hour.', WINDOWS.mail);
  }

  /** Whether one more mail may go to somebody who has not asked for it, over all organisations. */
  takeRecipient(address: string): Promise<boolean> {
    return this.strangers.takeRecipient(address);
  }

  /** Of pictures and files, by person. @throws RateLimited */
  async takeUpload(ctx: TenantContext): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    const limit = this.config.RATE_LIMIT_UPLOADS;
    const { used, resetSeconds } = await this.counts.count('upload', `${ctx.tenant.id}:${ctx.actor.userId}`);
    if (used > limit) throw new RateLimited(`You may upload ${limit} files an hour.`, resetSeconds);
  }
}

/** Hashed: what strangers type is not kept readable in a cache either. */
function keyOf({ tenant, caller }: TenantContext, account: string): string {
  return `${tenant.id}:${networkOf(caller.address ?? '')}:${hashed(account)}`;
}

function hashed(account: string): string {
  return createHash('sha256').update(account).digest('base64url');
}
