import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { AnswersPage } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { RoleResponse, toRoleResponse } from './roles.dto.ts';
import { RolesService } from './roles.service.ts';

@ApiTags('roles')
@ApiBearerAuth()
@Controller('roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  /** The roles of the organisation, highest first; there are few, so they come on one page. */
  @Get()
  @Requires('role.read')
  @AnswersPage(RoleResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<RoleResponse>> {
    return Page.whole(await this.roles.list(ctx)).map(toRoleResponse);
  }
}
