import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { TimersService } from './timers.service.ts';

@Injectable()
export class TimeEntriesListeners {
  constructor(private readonly timers: TimersService) {}

  @Hears(UserDeactivated)
  async stopTimerOfDeactivated(ctx: TenantContext, { userId }: UserDeactivated): Promise<void> {
    await this.timers.stopOf(ctx, userId);
  }

  @Hears(UserDeleted)
  async stopTimerOfDeleted(ctx: TenantContext, { userId }: UserDeleted): Promise<void> {
    await this.timers.stopOf(ctx, userId);
  }
}
