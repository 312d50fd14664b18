import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectDeleted, ProjectMemberRemoved, ProjectTeamRemoved } from '../projects/projects.events.ts';
import { TeamMemberRemoved } from '../teams/teams.events.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { TasksService } from './tasks.service.ts';

@Injectable()
export class TasksListeners {
  constructor(private readonly tasks: TasksService) {}

  @Hears(UserDeactivated)
  async takeWorkFromDeactivated(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.tasks.unassignOpen(ctx, event.userId);
  }

  @Hears(UserDeleted)
  async handOver(ctx: TenantContext, { userId, reassignTo }: UserDeleted): Promise<void> {
    await this.tasks.handOver(ctx, userId, reassignTo);
  }

  @Hears(ProjectMemberRemoved)
  async takeWorkFromFormerMember(ctx: TenantContext, { userId, projectId }: ProjectMemberRemoved): Promise<void> {
    await this.tasks.unassignOutsiders(ctx, { userId, projectId });
  }

  @Hears(ProjectTeamRemoved)
  async takeWorkFromFormerTeam(ctx: TenantContext, { projectId }: ProjectTeamRemoved): Promise<void> {
    await this.tasks.unassignOutsiders(ctx, { projectId });
  }

  @Hears(TeamMemberRemoved)
  async takeWorkFromFormerTeamMember(ctx: TenantContext, { userId }: TeamMemberRemoved): Promise<void> {
    await this.tasks.unassignOutsiders(ctx, { userId });
  }

  @Hears(ProjectDeleted)
  async deleteTasks(ctx: TenantContext, event: ProjectDeleted): Promise<void> {
    await this.tasks.deleteOfProject(ctx, event.projectId);
  }
}
