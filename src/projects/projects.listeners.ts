import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { ProjectsService } from './projects.service.ts';

@Injectable()
export class ProjectsListeners {
  constructor(private readonly projects: ProjectsService) {}

  @Hears(UserDeleted)
  async handOver(ctx: TenantContext, { userId, reassignTo, deletedBy }: UserDeleted): Promise<void> {
    await this.projects.handOver(ctx, userId, [reassignTo, deletedBy]);
  }
}
