import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
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
import { findAccount, findAccountById, type Account } from './passwords.queries.ts';
import { PasswordsService, RESET_PURPOSE } from './passwords.service.ts';

const LIFE_SECONDS = 600;
const RESET_PAGE = '/reset-password';
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
    // Somebody may have made accounts with the address of one who knows nothing of them, in one organisation after the other.
    if (!account.emailVerified && !(await this.limits.takeRecipient(account.email))) return;
    await this.#post(ctx, account, await ctx.transaction((tx) => this.#issue(tx, account)));
  }

  /** Mails the link for somebody who asked for help. @returns whether somebody active has the address */
  async send(ctx: TenantContext, email: string): Promise<boolean> {
    const issued = await this.#issueFor(ctx, email, 'mail');
    if (issued) await this.#post(ctx, issued.account, issued.token);
    return issued !== null;
  }

  /** The same where no mail arrives: to be handed over. @returns null when nobody active has the address */
  async makeLink(ctx: TenantContext, email: string): Promise<string | null> {
    const issued = await this.#issueFor(ctx, email, 'hand');
    return issued && this.links.to(ctx.tenant, RESET_PAGE, issued.token);
  }

  /** @throws TokenRefused, WeakPassword, TenantMismatch */
  async complete(token: string, password: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.contexts.openBySecret(ONE_TIME_PREFIX, token, addressed, caller);
    if (!ctx) throw new TokenRefused();
    // Read first: a password that is too weak must not use the token up.
    const { userId } = await readToken(ctx, RESET_PURPOSE, token);
    const account = await findAccountById(ctx, userId!);
    if (!account?.active) throw new TokenRefused();
    const change = await this.passwords.prepare(ctx, account, password, '/password');
    await ctx.transaction(async (tx) => {
      await redeemToken(tx, RESET_PURPOSE, token);
      await this.passwords.replace(tx, account, change);
    });
  }

  async #issueFor(
    ctx: TenantContext,
    email: string,
    by: 'mail' | 'hand',
  ): Promise<{ account: Account; token: string } | null> {
    const account = await findAccount(ctx, email);
    if (!account?.active) return null;
    return ctx.transaction(async (tx) => {
      const target = { type: 'user', id: account.id };
      await audit(tx, { action: 'password_reset.issued', target, details: { by } });
      return { account, token: await this.#issue(tx, account) };
    });
  }

  async #issue(tx: TenantContext, { id }: Account): Promise<string> {
    await revokeTokens(tx, RESET_PURPOSE, id);
    return issueToken(tx, { purpose: RESET_PURPOSE, userId: id, seconds: LIFE_SECONDS });
  }

  async #post(ctx: TenantContext, account: Account, token: string): Promise<void> {
    await this.mails.post(ctx.tenant, {
      to: account.email,
      subject: `Choose a new password for ${ctx.tenant.name}`,
      text: `Hello ${account.firstName},

somebody, probably you, asked for a new password at ${ctx.tenant.name}.
Choose it here within ten minutes:

${this.links.to(ctx.tenant, RESET_PAGE, token)}

If it was not you, do nothing: your password stays as it is.
`,
    });
  }
}
