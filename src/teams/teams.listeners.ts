import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { TeamsService } from './teams.service.ts';

@Injectable()
export class TeamsListeners {
  constructor(private readonly teams: TeamsService) {}

  @Hears(UserDeleted)
  async removeDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.teams.forget(ctx, event.userId);
  }
}
