import { Injectable } from '@nestjs/common';
import { Links } from '../platform/mail/links.ts';
import { Mails } from '../platform/mail/mails.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { issueToken } from '../platform/tokens/one-time-tokens.ts';
import { Invitation } from './invitation.entity.ts';
import { findInvitation, findInviter } from './invitations.queries.ts';

export const INVITATION_PURPOSE = 'invitation';

@Injectable()
export class InvitationMails {
  constructor(
    private readonly mails: Mails,
    private readonly links: Links,
  ) {}

  /** The link is made here, after the commit: what can be redeemed stands in no event. */
  async send(ctx: TenantContext, invitationId: string): Promise<void> {
    const invitation = await findInvitation(ctx, invitationId);
    if (invitation?.state !== 'open') return;
    const inviter = await findInviter(ctx, invitation.invitedBy);
    const seconds = Math.floor((invitation.expiresAt.getTime() - Date.now()) / 1_000);
    const token = await ctx.transaction(async (tx) => {
      await revokeTokensOf(tx, invitationId);
      await tx.repository(Invitation).update({ id: invitationId }, { sentAt: new Date() });
      return issueToken(tx, { purpose: INVITATION_PURPOSE, data: { invitationId }, seconds });
    });
    await this.mails.post(ctx.tenant, {
      to: invitation.email,
      subject: `${inviter ?? ctx.tenant.name} invites you to ${ctx.tenant.name}`,
      text: `Hello,

${inviter ?? 'somebody'} invites you to work with ${ctx.tenant.name}. Accept within a week:

${this.links.to(ctx.tenant, '/accept-invitation', token)}

If you do not know what this is about, do nothing.
`,
    });
  }
}

/** The links of its mails no longer work. */
export async function revokeTokensOf(tx: TenantContext, invitationId: string): Promise<void> {
  // The purpose stands in the statement, so that of all tokens only those are read that are no refresh tokens.
  await tx.query(
    `DELETE FROM "@tenant".tokens WHERE purpose = '${INVITATION_PURPOSE}' AND data->>'invitationId' = $1`,
    [invitationId],
  );
}
