import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CreateRoleBody, RoleResponse, UpdateRoleBody, toRoleResponse } from './roles.dto.ts';
import { RolesService } from './roles.service.ts';

@ApiTags('roles')
@Controller('roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  @Does('List the roles of the organisation', 'Highest first; there are few, so they come on one page.')
  @Get()
  @Requires('role.read')
  @AnswersPage(RoleResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<RoleResponse>> {
    return Page.whole(await this.roles.list(ctx)).map(toRoleResponse);
  }

  @Does('Create a role', 'No higher than your own, and with nothing that you do not hold yourself.')
  @Post()
  @Requires('role.create')
  @Answers(201, RoleResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateRoleBody): Promise<RoleResponse> {
    return toRoleResponse(await this.roles.create(ctx, body));
  }

  @Does('Read a role')
  @Get(':id')
  @Requires('role.read')
  @Answers(200, RoleResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<RoleResponse> {
    return toRoleResponse(await this.roles.get(ctx, id));
  }

  @Does('Change a role')
  @Patch(':id')
  @Requires('role.update')
  @TakesIfMatch()
  @Answers(200, RoleResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateRoleBody,
    @IfMatch() version?: number,
  ): Promise<RoleResponse> {
    return toRoleResponse(await this.roles.update(ctx, id, body, version));
  }

  @Does('Delete a role', 'Only while nobody has it.')
  @Delete(':id')
  @Requires('role.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.roles.delete(ctx, id, version);
  }
}
