import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserCreated, UserDeleted } from '../users/users.events.ts';
import { EmailChangeRequested, EmailVerificationRequested } from './email-addresses.events.ts';
import { EmailAddressesService } from './email-addresses.service.ts';
import { EmailMails } from './email-mails.service.ts';

@Injectable()
export class EmailAddressesListeners {
  constructor(
    private readonly mails: EmailMails,
    private readonly addresses: EmailAddressesService,
  ) {}

  @Hears(UserCreated)
  async greet(ctx: TenantContext, event: UserCreated): Promise<void> {
    await this.addresses.greet(ctx, event.userId);
  }

  @Hears(UserDeleted)
  async forgetDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.addresses.forget(ctx, event.userId);
  }

  @Hears(EmailVerificationRequested)
  async askToVerify(ctx: TenantContext, event: EmailVerificationRequested): Promise<void> {
    await this.mails.askToVerify(ctx, event.userId);
  }

  @Hears(EmailChangeRequested)
  async askToChange(ctx: TenantContext, event: EmailChangeRequested): Promise<void> {
    await this.mails.askToChange(ctx, event.userId);
  }
}
