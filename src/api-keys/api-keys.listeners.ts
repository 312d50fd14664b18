import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { ApiKeysService } from './api-keys.service.ts';

@Injectable()
export class ApiKeysListeners {
  constructor(private readonly keys: ApiKeysService) {}

  /** They do not act from the moment of the deactivation; this is so that they do not come back with the person. */
  @Hears(UserDeactivated)
  async revokeKeys(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.keys.revokeAll(ctx, event.userId, new Date(event.at));
  }

  @Hears(UserDeleted)
  async revokeKeysOfDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.keys.revokeAll(ctx, event.userId);
  }
}
