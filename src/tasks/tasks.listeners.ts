import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { MilestoneDeleted } from '../milestones/milestones.events.ts';
import { ProjectMemberRemoved, ProjectTeamRemoved } from '../projects/projects.events.ts';
import { TeamMemberRemoved } from '../teams/teams.events.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { TaskReassignmentService } from './task-reassignment.service.ts';

@Injectable()
export class TasksListeners {
  constructor(private readonly reassignment: TaskReassignmentService) {}

  @Hears(UserDeactivated)
  async takeWorkFromDeactivated(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.reassignment.unassignOpen(ctx, event.userId);
  }

  @Hears(UserDeleted)
  async handOver(ctx: TenantContext, { userId, reassignTo }: UserDeleted): Promise<void> {
    await this.reassignment.handOver(ctx, userId, reassignTo);
  }

  @Hears(ProjectMemberRemoved)
  async takeWorkFromFormerMember(ctx: TenantContext, { userId, projectId }: ProjectMemberRemoved): Promise<void> {
    await this.reassignment.unassignOutsiders(ctx, { userId, projectId });
  }

  @Hears(ProjectTeamRemoved)
  async takeWorkFromFormerTeam(ctx: TenantContext, { projectId }: ProjectTeamRemoved): Promise<void> {
    await this.reassignment.unassignOutsiders(ctx, { projectId });
  }

  @Hears(TeamMemberRemoved)
  async takeWorkFromFormerTeamMember(ctx: TenantContext, { userId }: TeamMemberRemoved): Promise<void> {
    await this.reassignment.unassignOutsiders(ctx, { userId });
  }

  @Hears(MilestoneDeleted)
  async leaveMilestone(ctx: TenantContext, { milestoneId, projectId }: MilestoneDeleted): Promise<void> {
    await this.reassignment.leaveMilestone(ctx, projectId, milestoneId);
  }
}
