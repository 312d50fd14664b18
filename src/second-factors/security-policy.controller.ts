import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires } from '../platform/access/access.decorators.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { SecurityPolicyBody, SecurityPolicyResponse, toSecurityPolicyResponse } from './second-factors.dto.ts';
import { SecurityPolicyService } from './security-policy.service.ts';

@ApiTags('organisation')
@Controller('tenants/current/security')
export class SecurityPolicyController {
  constructor(private readonly policy: SecurityPolicyService) {}

  @Does('Read what the organisation demands of those who sign in')
  @Get()
  @Requires('tenant.read')
  @Answers(200, SecurityPolicyResponse)
  async get(@Ctx() ctx: TenantContext): Promise<SecurityPolicyResponse> {
    return toSecurityPolicyResponse(await this.policy.get(ctx));
  }

  @Does(
    'Change what the organisation demands of those who sign in',
    'Those of whom a second factor is demanded and who have none can from then on only set one up or sign out.',
  )
  @Patch()
  @Requires('tenant.security')
  @NeedsFreshSignIn()
  @TakesIfMatch()
  @Answers(200, SecurityPolicyResponse)
  async change(
    @Ctx() ctx: TenantContext,
    @Body() body: SecurityPolicyBody,
    @IfMatch() version?: number,
  ): Promise<SecurityPolicyResponse> {
    return toSecurityPolicyResponse(await this.policy.change(ctx, body, version));
  }
}
