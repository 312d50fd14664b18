import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { InvitationMails } from './invitation-mails.service.ts';
import { InvitationIssued } from './invitations.events.ts';
import { InvitationsService } from './invitations.service.ts';

@Injectable()
export class InvitationsListeners {
  constructor(
    private readonly mails: InvitationMails,
    private readonly invitations: InvitationsService,
  ) {}

  @Hears(UserDeactivated)
  async revokeOfDeactivated(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.invitations.revokeOf(ctx, event.userId, new Date(event.at));
  }

  @Hears(UserDeleted)
  async revokeOfDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.invitations.revokeOf(ctx, event.userId);
  }

  @Hears(InvitationIssued)
  async mail(ctx: TenantContext, event: InvitationIssued): Promise<void> {
    await this.mails.send(ctx, event.invitationId);
  }
}
