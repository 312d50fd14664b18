import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersPage } from '../platform/http/openapi.ts';
import {
  PlanBody,
  PlanResponse,
  PlatformTenantResponse,
  TenantPlanBody,
  toAgreedLimits,
  toPlanResponse,
  toPlatformTenant,
} from './platform-subscriptions.dto.ts';
import { SubscriptionsService } from './subscriptions.service.ts';

@ApiTags('platform')
@ApiBearerAuth()
@Controller('platform')
export class PlatformSubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  @Get('plans')
  @ForOperators()
  @AnswersPage(PlanResponse)
  async list(): Promise<Page<PlanResponse>> {
    return Page.whole(await this.subscriptions.listPlans()).map(toPlanResponse);
  }

  /** Changes what a plan allows, for all who have it, at once. */
  @Put('plans/:key')
  @ForOperators('plan.change', ['limits'])
  @Answers(200, PlanResponse)
  async change(@Param('key') key: string, @Body() body: PlanBody): Promise<PlanResponse> {
    return toPlanResponse(await this.subscriptions.changePlan(key, { ...body.limits }));
  }

  /** Puts a tenant on a plan. What it has already stays: above its limits it can add nothing. */
  @Put('tenants/:id/plan')
  @ForOperators('tenant.subscribe', ['plan', 'limits'])
  @Answers(200, PlatformTenantResponse)
  async subscribe(@IdParam() id: string, @Body() body: TenantPlanBody): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.subscriptions.subscribeById(id, body.plan, toAgreedLimits(body.limits)));
  }
}
