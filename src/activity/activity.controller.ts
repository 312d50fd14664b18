import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ACTIVITY_LIST, ActivityResponse, toActivityResponse } from './activity.dto.ts';
import { ActivityService } from './activity.service.ts';

@ApiTags('projects')
@Controller('projects/:id/activity')
export class ActivityController {
  constructor(private readonly activity: ActivityService) {}

  @Does(
    'List what happened in a project',
    'To its plan, its people and those of its tasks that you may see; newest first.',
  )
  @Get()
  @Requires('project.read')
  @ApiList(ACTIVITY_LIST)
  @AnswersPage(ActivityResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(ACTIVITY_LIST) query: ListQuery,
  ): Promise<Page<ActivityResponse>> {
    return (await this.activity.list(ctx, id, query)).map(toActivityResponse);
  }
}
