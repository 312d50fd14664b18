import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { toCanonicalAddress } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { ONE_TIME_PREFIX, TokenRefused, redeemToken, revokeTokens } from '../platform/tokens/one-time-tokens.ts';
import { UsersService } from '../users/users.service.ts';
import { NoEmailChange } from './email-addresses.errors.ts';
import { EmailChangeRequested, EmailVerificationRequested } from './email-addresses.events.ts';
import { EmailChanges, type EmailChange } from './email-changes.service.ts';
import { CHANGE, EmailMails, VERIFICATION, type Side } from './email-mails.service.ts';

const CHANGE_MS = 3_600_000;

/** That mails to an address reach its person, and how an address becomes another one. */
@Injectable()
export class EmailAddressesService {
  constructor(
    private readonly users: UsersService,
    private readonly mails: EmailMails,
    private readonly changes: EmailChanges,
    private readonly contexts: TenantContexts,
    private readonly limits: ActionLimits,
  ) {}

  /** Mails a link to one's own address, unless it is known to be good. @throws RateLimited */
  async requestVerification(ctx: TenantContext): Promise<void> {
    const { email } = await this.users.get(ctx, ctx.actor.userId!);
    await this.limits.demandMail(ctx, email);
    await ctx.transaction(async (tx) => tx.announce(new EmailVerificationRequested(tx.actor.userId!)));
  }

  /** The same to somebody who was just made, and has asked for nothing: as often as the installation may write to them. */
  async greet(ctx: TenantContext, userId: string): Promise<void> {
    const user = await this.users.find(ctx, userId);
    if (user?.kind !== 'person' || user.emailVerifiedAt) return;
    if (await this.limits.takeRecipient(user.email)) await this.mails.askToVerify(ctx, userId);
  }

  /** With the token of that mail. @throws TokenRefused, TenantMismatch */
  async verify(token: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.#open(token, addressed, caller);
    await ctx.transaction(async (tx) => {
      const { userId, data } = await redeemToken<{ email: string }>(tx, VERIFICATION, token);
      // Of an address that is another one by now it says nothing.
      if (!(await this.users.markVerified(tx, userId!, data.email))) throw new TokenRefused();
      await audit(tx, { action: 'email.verified', target: { type: 'user', id: userId! } });
    });
  }

  /** One's own. Both addresses are mailed, and both have to confirm. @throws EmailTaken */
  async requestChange(ctx: TenantContext, email: string): Promise<EmailChange> {
    const userId = ctx.actor.userId!;
    toCanonicalAddress(email);
    const own = await this.users.get(ctx, userId);
    await this.limits.demandMail(ctx, email);
    // It is written to as well, and may be the address of somebody who knows nothing of this.
    if (!own.emailVerifiedAt) await this.limits.demandMail(ctx, own.email);
    await ctx.transaction(async (tx) => {
      await this.users.demandFreeAddress(tx, email);
      await this.changes.keep(tx, userId, email, new Date(Date.now() + CHANGE_MS));
      await audit(tx, { action: 'email.change_requested', target: { type: 'user', id: userId }, after: { email } });
      tx.announce(new EmailChangeRequested(userId));
    });
    return { email, oldConfirmed: false, newConfirmed: false };
  }

  /** @throws NoEmailChange */
  async cancelChange(ctx: TenantContext): Promise<void> {
    const userId = ctx.actor.userId!;
    await ctx.transaction(async (tx) => {
      if (!(await this.changes.remove(tx, userId))) throw new NoEmailChange();
      await revokeTokens(tx, CHANGE, userId);
    });
  }

  /** With the token of one of the two mails; with the second one it is done. @throws TokenRefused, EmailTaken */
  async confirmChange(token: string, addressed: Tenant | null, caller: Caller): Promise<EmailChange> {
    const ctx = await this.#open(token, addressed, caller);
    const { state, before } = await ctx.transaction(async (tx) => {
      const { userId, data } = await redeemToken<{ side: Side; email: string }>(tx, CHANGE, token);
      const change = await this.changes.lock(tx, userId!);
      if (change?.email !== data.email) throw new TokenRefused();
      const state: EmailChange = {
        email: change.email,
        oldConfirmed: data.side === 'old' || change.oldConfirmed,
        newConfirmed: data.side === 'new' || change.newConfirmed,
      };
      if (!state.oldConfirmed || !state.newConfirmed) {
        await this.changes.confirm(tx, userId!, state);
        return { state, before: null };
      }
      const { email: before } = await this.users.get(tx, userId!);
      await this.changes.remove(tx, userId!);
      await this.users.changeAddress(tx, userId!, change.email);
      await audit(tx, {
        action: 'email.changed',
        target: { type: 'user', id: userId! },
        before: { email: before },
        after: { email: change.email },
      });
      return { state, before };
    });
    if (before !== null) await this.mails.tellOldAddress(ctx, before, state.email);
    return state;
  }

  /** What somebody who was deleted wanted to be reached by. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction((tx) => this.changes.remove(tx, userId));
  }

  async #open(token: string, addressed: Tenant | null, caller: Caller): Promise<TenantContext> {
    const ctx = await this.contexts.openBySecret(ONE_TIME_PREFIX, token, addressed, caller);
    if (!ctx) throw new TokenRefused();
    return ctx;
  }
}
