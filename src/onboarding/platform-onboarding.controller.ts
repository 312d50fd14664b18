import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { From } from '../platform/http/request.ts';
import { CreateTenantBody, PlatformTenantResponse, toPlatformTenant } from './onboarding.dto.ts';
import { OnboardingService } from './onboarding.service.ts';

@ApiTags('platform')
@Controller('platform/tenants')
export class PlatformOnboardingController {
  constructor(private readonly onboarding: OnboardingService) {}

  @Does('Create an organisation with its first owner', 'Possible also while sign-up is closed.')
  @Post()
  @ForOperators('tenant.create', ['slug', 'name', 'plan', 'region', 'cluster'])
  @Answers(201, PlatformTenantResponse)
  async create(@Body() body: CreateTenantBody, @From() caller: Caller): Promise<PlatformTenantResponse> {
    return toPlatformTenant((await this.onboarding.create(body, caller)).tenant);
  }
}
