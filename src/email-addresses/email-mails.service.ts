import { Injectable } from '@nestjs/common';
import { Links } from '../platform/mail/links.ts';
import { StrangerLimits } from '../platform/limits/stranger-limits.ts';
import { Mails } from '../platform/mail/mails.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { issueToken, revokeTokens } from '../platform/tokens/one-time-tokens.ts';
import { UsersService } from '../users/users.service.ts';
import { EmailChanges } from './email-changes.service.ts';

export const VERIFICATION = 'email-verification';
export const CHANGE = 'email-change';
const VERIFICATION_SECONDS = 86_400;

/** Which of the two addresses a link was mailed to. */
export type Side = 'old' | 'new';

@Injectable()
export class EmailMails {
  constructor(
    private readonly users: UsersService,
    private readonly mails: Mails,
    private readonly changes: EmailChanges,
    private readonly links: Links,
    private readonly limits: StrangerLimits,
  ) {}

  /**
   * An address that was written to often enough gets no word: its owner need not be who signed up with it.
   *
   * @param removedOn the day on which the organisation goes, `YYYY-MM-DD`
   */
  async warnOfRemoval(ctx: TenantContext, userId: string, removedOn: string): Promise<void> {
    const user = await this.users.find(ctx, userId);
    if (user && (await this.limits.takeRecipient(user.email))) await this.askToVerify(ctx, userId, removedOn);
  }

  /** @param removedOn the day on which the organisation goes if nobody does */
  async askToVerify(ctx: TenantContext, userId: string, removedOn?: string): Promise<void> {
    const user = await this.users.find(ctx, userId);
    if (!user?.active || user.kind !== 'person' || user.emailVerifiedAt) return;
    const token = await ctx.transaction(async (tx) => {
      await revokeTokens(tx, VERIFICATION, userId);
      return issueToken(tx, {
        purpose: VERIFICATION,
        userId,
        data: { email: user.email },
        seconds: VERIFICATION_SECONDS,
      });
    });
    await this.mails.post(ctx.tenant, {
      to: user.email,
      subject: `Confirm your address for ${ctx.tenant.name}`,
      text: `Hello ${user.firstName},

is this address yours? Then confirm it within a day:

${this.links.to(ctx.tenant, '/verify-email', token)}

${removedOn === undefined ? '' : `Unless an owner confirms an address, ${ctx.tenant.name} will be deleted on ${removedOn}.\n\n`}If you do not know what this is about, do nothing.
`,
    });
  }

  async askToChange(ctx: TenantContext, userId: string): Promise<void> {
    const user = await this.users.find(ctx, userId);
    const change = await this.changes.find(ctx, userId);
    if (!user?.active || !change) return;
    const seconds = Math.floor((change.expiresAt.getTime() - Date.now()) / 1_000);
    if (seconds <= 0) return;
    const [old, fresh] = await ctx.transaction(async (tx) => {
      await revokeTokens(tx, CHANGE, userId);
      const issue = (side: Side) =>
        issueToken(tx, { purpose: CHANGE, userId, data: { side, email: change.email }, seconds });
      return [await issue('old'), await issue('new')];
    });
    const text = (token: string) => `Hello ${user.firstName},

the address of your account at ${ctx.tenant.name} is to become ${change.email}.
Both addresses have to confirm that within an hour, this one here:

${this.links.to(ctx.tenant, '/confirm-email', token)}

If it was not you, do nothing, and change your password.
`;
    const subject = `Confirm the new address of your account at ${ctx.tenant.name}`;
    await this.mails.post(ctx.tenant, { to: user.email, subject, text: text(old) });
    await this.mails.post(ctx.tenant, { to: change.email, subject, text: text(fresh) });
  }

  /** To the address that it was: whoever did not want this hears of it. */
  async tellOldAddress(ctx: TenantContext, to: string, next: string): Promise<void> {
    await this.mails.post(ctx.tenant, {
      to,
      subject: `The address of your account at ${ctx.tenant.name} has changed`,
      text: `Hello,

mails to your account at ${ctx.tenant.name} now go to ${next}.
If you did not want that, tell an admin of your organisation.
`,
    });
  }
}
