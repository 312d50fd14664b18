import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectDeleted, ProjectMemberRemoved } from '../projects/projects.events.ts';
import { UserDeactivated } from '../users/users.events.ts';
import { TasksService } from './tasks.service.ts';

@Injectable()
export class TasksListeners {
  constructor(private readonly tasks: TasksService) {}

  @Hears(UserDeactivated)
  async takeWorkFromDeactivated(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.tasks.unassignOpen(ctx, event.userId);
  }

  @Hears(ProjectMemberRemoved)
  async takeWorkFromFormerMember(ctx: TenantContext, event: ProjectMemberRemoved): Promise<void> {
    await this.tasks.unassignOpen(ctx, event.userId, event.projectId);
  }

  @Hears(ProjectDeleted)
  async deleteTasks(ctx: TenantContext, event: ProjectDeleted): Promise<void> {
    await this.tasks.deleteOfProject(ctx, event.projectId);
  }
}
