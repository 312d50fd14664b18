import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantProfileResponse, toTenantProfile } from './sign-in-page.dto.ts';
import { SignInProvidersService } from './sign-in-providers.service.ts';

/** Stands here and not with the tenants, which do not know who else vouches for people. */
@ApiTags('tenants')
@Controller('tenants/current')
export class SignInPageController {
  constructor(private readonly providers: SignInProvidersService) {}

  @Does(
    'Read what a sign-in page shows',
    'Name, slug and ways to sign in of the organisation that the request addresses.',
  )
  @Get()
  @Public()
  @Answers(200, TenantProfileResponse)
  async current(@Ctx() ctx: TenantContext): Promise<TenantProfileResponse> {
    return toTenantProfile(ctx.tenant, await this.providers.listEnabled(ctx));
  }
}
