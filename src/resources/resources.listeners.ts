import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectMemberRemoved, ProjectTeamRemoved } from '../projects/projects.events.ts';
import { TeamMemberRemoved } from '../teams/teams.events.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { ResourcesService } from './resources.service.ts';

@Injectable()
export class ResourcesListeners {
  constructor(private readonly resources: ResourcesService) {}

  @Hears(UserDeactivated)
  async endOfDeactivated(ctx: TenantContext, { userId }: UserDeactivated): Promise<void> {
    await this.resources.endOf(ctx, userId);
  }

  @Hears(UserDeleted)
  async endOfDeleted(ctx: TenantContext, { userId }: UserDeleted): Promise<void> {
    await this.resources.endOf(ctx, userId);
  }

  @Hears(ProjectMemberRemoved)
  async endOfFormerMember(ctx: TenantContext, { userId, projectId }: ProjectMemberRemoved): Promise<void> {
    await this.resources.endOfOutsiders(ctx, { userId, projectId });
  }

  @Hears(ProjectTeamRemoved)
  async endOfFormerTeam(ctx: TenantContext, { projectId }: ProjectTeamRemoved): Promise<void> {
    await this.resources.endOfOutsiders(ctx, { projectId });
  }

  @Hears(TeamMemberRemoved)
  async endOfFormerTeamMember(ctx: TenantContext, { userId }: TeamMemberRemoved): Promise<void> {
    await this.resources.endOfOutsiders(ctx, { userId });
  }
}
