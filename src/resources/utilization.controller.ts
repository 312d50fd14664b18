import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires, SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { DayRange, toDayRange } from '../platform/http/day-range.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { OverAllocationsService } from './over-allocations.service.ts';
import {
  MOST_DAYS,
  PEOPLE_LIST,
  OverAllocationResponse,
  UtilizationResponse,
  toOverAllocationResponse,
  toUtilizationResponse,
} from './utilization.dto.ts';
import { UtilizationService } from './utilization.service.ts';

type Parameters = Record<string, unknown>;

@ApiTags('resources')
@Controller()
export class UtilizationController {
  constructor(
    private readonly utilization: UtilizationService,
    private readonly overAllocations: OverAllocationsService,
  ) {}

  @Does('List what a project takes of its people week by week', 'Of those who are planned for it or worked in it.')
  @Get('projects/:id/utilization')
  @Requires('analytics.read')
  @ApiList(PEOPLE_LIST)
  @DayRange()
  @AnswersPage(UtilizationResponse)
  async listOfProject(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() days: Parameters,
    @List(PEOPLE_LIST) query: ListQuery,
  ): Promise<Page<UtilizationResponse>> {
    const page = await this.utilization.listOfProject(ctx, id, toDayRange(days, MOST_DAYS), query);
    return page.map(toUtilizationResponse);
  }

  @Does(
    'Read the utilization of a person week by week',
    "Your own, or anybody's with `analytics.read` without a condition.",
  )
  @Get('users/:id/utilization')
  @SignedIn()
  @DayRange()
  @Answers(200, UtilizationResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Parameters,
  ): Promise<UtilizationResponse> {
    refuseOtherQuery(query, ['from', 'to']);
    return toUtilizationResponse(await this.utilization.get(ctx, id, toDayRange(query, MOST_DAYS)));
  }

  @Does(
    'List the utilization of everybody week by week',
    'Of all who are active; takes `analytics.read` without a condition.',
  )
  @Get('resources/utilization')
  @Requires('analytics.read')
  @ApiList(PEOPLE_LIST)
  @DayRange()
  @AnswersPage(UtilizationResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @Query() days: Parameters,
    @List(PEOPLE_LIST) query: ListQuery,
  ): Promise<Page<UtilizationResponse>> {
    return (await this.utilization.list(ctx, toDayRange(days, MOST_DAYS), query)).map(toUtilizationResponse);
  }

  @Does(
    'List who is promised more than they work',
    'With what could be done about it. A page looks at `limit` people and tells of those among them.',
  )
  @Get('resources/over-allocations')
  @Requires('analytics.read')
  @ApiList(PEOPLE_LIST)
  @DayRange()
  @AnswersPage(OverAllocationResponse)
  async listOverAllocations(
    @Ctx() ctx: TenantContext,
    @Query() days: Parameters,
    @List(PEOPLE_LIST) query: ListQuery,
  ): Promise<Page<OverAllocationResponse>> {
    const page = await this.overAllocations.list(ctx, toDayRange(days, MOST_DAYS), query);
    return page.map(toOverAllocationResponse);
  }
}
