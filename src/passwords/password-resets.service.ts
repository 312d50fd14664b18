import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { Links } from '../platform/mail/links.ts';
import { Mails } from '../platform/mail/mails.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  ONE_TIME_PREFIX,
  TokenRefused,
  issueToken,
  readToken,
  redeemToken,
  revokeTokens,
} from '../platform/tokens/one-time-tokens.ts';
import { PasswordForgotten } from './passwords.events.ts';
import { findAccount, findAccountById } from './passwords.queries.ts';
import { PasswordsService } from './passwords.service.ts';

const PURPOSE = 'password-reset';
const LIFE_SECONDS = 600;
const PLACE = 'outbox.password.forgotten.email';

/** Forgotten passwords: a link by mail, good for ten minutes and once. */
@Injectable()
export class PasswordResets {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly mails: Mails,
    private readonly links: Links,
    private readonly box: SecretBox,
    private readonly contexts: TenantContexts,
    private readonly limits: ActionLimits,
  ) {}

  /** Only notes it down: whether there is such a person is looked up afterwards, so that the answer cannot tell. */
  async request(ctx: TenantContext, email: string): Promise<void> {
    // Else anybody could fill somebody's mailbox; whoever asks is told the same.
    if (!(await this.limits.takeMail(ctx, email))) return;
    await ctx.transaction(async (tx) => tx.announce(new PasswordForgotten(this.box.seal(email, PLACE))));
  }

  async mail(ctx: TenantContext, sealedEmail: string): Promise<void> {
    const account = await findAccount(ctx, this.box.open(sealedEmail, PLACE));
    if (!account?.active) return;
    const token = await ctx.transaction(async (tx) => {
      await revokeTokens(tx, PURPOSE, account.id);
      return issueToken(tx, { purpose: PURPOSE, userId: account.id, seconds: LIFE_SECONDS });
    });
    await this.mails.post(ctx.tenant, {
      to: account.email,
      subject: `Choose a new password for ${ctx.tenant.name}`,
      text: `Hello ${account.firstName},

somebody, probably you, asked for a new password at ${ctx.tenant.name}.
Choose it here within ten minutes:

${this.links.to(ctx.tenant, '/reset-password', token)}

If it was not you, do nothing: your password stays as it is.
`,
    });
  }

  /** @throws TokenRefused, WeakPassword, TenantMismatch */
  async complete(token: string, password: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.contexts.openBySecret(ONE_TIME_PREFIX, token, addressed, caller);
    if (!ctx) throw new TokenRefused();
    // Read first: a password that is too weak must not use the token up.
    const { userId } = await readToken(ctx, PURPOSE, token);
    const account = await findAccountById(ctx, userId!);
    if (!account?.active) throw new TokenRefused();
    const change = await this.passwords.prepare(ctx, account, password, '/password');
    await ctx.transaction(async (tx) => {
      await redeemToken(tx, PURPOSE, token);
      await this.passwords.replace(tx, account, change);
    });
  }
}
