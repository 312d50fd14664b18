import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
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
@Controller('platform')
export class PlatformSubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  @Does('List the plans with their limits')
  @Get('plans')
  @ForOperators()
  @AnswersPage(PlanResponse)
  async list(): Promise<Page<PlanResponse>> {
    return Page.whole(await this.subscriptions.listPlans()).map(toPlanResponse);
  }

  @Does('Change the limits of a plan', 'They hold at once for all tenants on it.')
  @Put('plans/:key')
  @ForOperators('plan.change', ['limits'])
  @Answers(200, PlanResponse)
  async change(@Param('key') key: string, @Body() body: PlanBody): Promise<PlanResponse> {
    return toPlanResponse(await this.subscriptions.changePlan(key, { ...body.limits }));
  }

  @Does(
    'Put a tenant on a plan',
    'What it has already stays: above its limits it can add nothing. `limits` holds what was agreed on besides the plan.',
  )
  @Put('tenants/:id/plan')
  @ForOperators('tenant.subscribe', ['plan', 'limits'])
  @Answers(200, PlatformTenantResponse)
  async subscribe(@IdParam() id: string, @Body() body: TenantPlanBody): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.subscriptions.subscribeById(id, body.plan, toAgreedLimits(body.limits)));
  }
}
