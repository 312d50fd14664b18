import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { InvitationMails } from './invitation-mails.service.ts';
import { InvitationIssued } from './invitations.events.ts';

@Injectable()
export class InvitationsListeners {
  constructor(private readonly mails: InvitationMails) {}

  @Hears(InvitationIssued)
  async mail(ctx: TenantContext, event: InvitationIssued): Promise<void> {
    await this.mails.send(ctx, event.invitationId);
  }
}
