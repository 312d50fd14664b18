import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { MILESTONE_LIST, CreateMilestoneBody, MilestoneResponse, toMilestoneResponse } from './milestones.dto.ts';
import { MilestonesService } from './milestones.service.ts';

@ApiTags('milestones')
@Controller('projects/:id/milestones')
export class ProjectMilestonesController {
  constructor(private readonly milestones: MilestonesService) {}

  @Does('List the milestones of a project with their progress')
  @Get()
  @Requires('project.read')
  @ApiList(MILESTONE_LIST)
  @AnswersPage(MilestoneResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(MILESTONE_LIST) query: ListQuery,
  ): Promise<Page<MilestoneResponse>> {
    return (await this.milestones.list(ctx, id, query)).map(toMilestoneResponse);
  }

  @Does('Create a milestone in a project')
  @Post()
  @LocatedAt('/api/v1/milestones/{id}')
  @Requires('project.update')
  @Answers(201, MilestoneResponse)
  async create(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: CreateMilestoneBody,
  ): Promise<MilestoneResponse> {
    return toMilestoneResponse(await this.milestones.create(ctx, id, body));
  }
}
