import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { OrganisationResponse, RenameBody, toOrganisation } from './tenants.dto.ts';
import { TenantsService } from './tenants.service.ts';

/** How the organisation is called. */
@ApiTags('organisation')
@Controller('tenants/current/settings')
export class OrganisationController {
  constructor(private readonly tenants: TenantsService) {}

  @Does('Read the organisation with its name and slug')
  @Get()
  @Requires('tenant.read')
  @Answers(200, OrganisationResponse)
  async get(@Ctx() ctx: TenantContext): Promise<OrganisationResponse> {
    return toOrganisation(await this.tenants.get(ctx.tenant.id));
  }

  @Does(
    'Change the name or the slug of the organisation',
    'Nothing of its data moves; requests under the old slug are told the new one.',
  )
  @Patch()
  @Requires('tenant.update')
  @TakesIfMatch()
  @Answers(200, OrganisationResponse)
  async rename(
    @Ctx() ctx: TenantContext,
    @Body() body: RenameBody,
    @IfMatch() version?: number,
  ): Promise<OrganisationResponse> {
    return toOrganisation(await this.tenants.renameOwn(ctx, body, version));
  }
}
