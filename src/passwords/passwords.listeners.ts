import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PasswordResets } from './password-resets.service.ts';
import { PasswordForgotten } from './passwords.events.ts';

@Injectable()
export class PasswordsListeners {
  constructor(private readonly resets: PasswordResets) {}

  @Hears(PasswordForgotten)
  async mailLink(ctx: TenantContext, event: PasswordForgotten): Promise<void> {
    await this.resets.mail(ctx, event.email);
  }
}
