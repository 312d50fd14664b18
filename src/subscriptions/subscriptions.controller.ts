import { Controller, Get, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  DailyUseResponse,
  SubscriptionResponse,
  toDailyUseResponse,
  toPeriod,
  toSubscriptionResponse,
} from './subscriptions.dto.ts';
import { UsageService } from './usage.service.ts';

@ApiTags('organisation')
@Controller('tenants/current')
export class SubscriptionsController {
  constructor(private readonly usage: UsageService) {}

  @Does('Read the plan, its limits and what is used of them')
  @Get('subscription')
  @Requires('tenant.read')
  @Answers(200, SubscriptionResponse)
  async subscription(@Ctx() ctx: TenantContext): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(ctx.tenant, await this.usage.now(ctx));
  }

  @Does('List what was used day by day', 'Days without any use are left out.')
  @Get('usage')
  @Requires('tenant.read')
  @TakesQuery()
  @ApiQuery({ name: 'from', required: false, schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'to', required: false, schema: { type: 'string', format: 'date' } })
  @AnswersPage(DailyUseResponse)
  async list(@Ctx() ctx: TenantContext, @Query() query: Record<string, unknown>): Promise<Page<DailyUseResponse>> {
    refuseOtherQuery(query, ['from', 'to']);
    const { from, to } = toPeriod(query);
    return Page.whole(await this.usage.list(ctx, from, to)).map(toDailyUseResponse);
  }
}
