import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { WatchersService } from './watchers.service.ts';

@Injectable()
export class WatchersListeners {
  constructor(private readonly watchers: WatchersService) {}

  @Hears(UserDeleted)
  async forgetDeleted(ctx: TenantContext, { userId }: UserDeleted): Promise<void> {
    await this.watchers.forget(ctx, userId);
  }
}
