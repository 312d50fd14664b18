import { Injectable } from '@nestjs/common';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { can, type Ties } from '../platform/access/abilities.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { WorkflowsService } from '../workflows/workflows.service.ts';
import { sumByStatus } from './analytics.queries.ts';
import { projectMetrics, type ProjectMetrics } from './project-metrics.rules.ts';

@Injectable()
export class AnalyticsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly workflows: WorkflowsService,
  ) {}

  /** @throws ProjectMissing, PermissionDenied */
  async getProjectMetrics(ctx: TenantContext, projectId: string): Promise<ProjectMetrics> {
    const enough = (ties: Ties) => can(ctx.actor, 'analytics.read', ties);
    if (!enough(await this.projects.tiesTo(ctx, projectId, { enough }))) throw new PermissionDenied('analytics.read');
    const today = new Date().toISOString().slice(0, 10);
    const sums = await ctx.onReplica((replica) => sumByStatus(replica, projectId, today));
    const { statuses } = await this.workflows.get(ctx, projectId);
    return projectMetrics(
      projectId,
      today,
      sums,
      statuses.map(({ key }) => key),
    );
  }
}
