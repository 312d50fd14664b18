import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires } from '../platform/access/access.decorators.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { SecurityPolicyBody, SecurityPolicyResponse, toSecurityPolicyResponse } from './second-factors.dto.ts';
import { SecurityPolicyService } from './security-policy.service.ts';

@ApiTags('organisation')
@ApiBearerAuth()
@Controller('tenants/current/security')
export class SecurityPolicyController {
  constructor(private readonly policy: SecurityPolicyService) {}

  /** What the organisation demands of those who sign in. */
  @Get()
  @Requires('tenant.read')
  @Answers(200, SecurityPolicyResponse)
  async get(@Ctx() ctx: TenantContext): Promise<SecurityPolicyResponse> {
    return toSecurityPolicyResponse(await this.policy.get(ctx));
  }

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
