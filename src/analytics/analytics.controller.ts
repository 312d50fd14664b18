import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectMetricsResponse } from './analytics.dto.ts';
import { AnalyticsService } from './analytics.service.ts';

@ApiTags('analytics')
@Controller()
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Does('Read the figures of a project')
  @Get(['analytics/projects/:id/metrics', 'projects/:id/metrics'])
  @Requires('analytics.read')
  @Answers(200, ProjectMetricsResponse)
  getProjectMetrics(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectMetricsResponse> {
    return this.analytics.getProjectMetrics(ctx, id);
  }
}
