import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { IdentitiesService } from './identities.service.ts';

@Injectable()
export class OAuthListeners {
  constructor(private readonly identities: IdentitiesService) {}

  @Hears(UserDeleted)
  async forgetDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.identities.forget(ctx, event.userId);
  }
}
