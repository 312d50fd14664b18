import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { CalendarsService } from './calendars.service.ts';

@Injectable()
export class CalendarsListeners {
  constructor(private readonly calendars: CalendarsService) {}

  @Hears(UserDeleted)
  async forgetDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.calendars.forget(ctx, event.userId);
  }
}
