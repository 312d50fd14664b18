import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { canAny } from '../platform/access/abilities.ts';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { MEMBER_LIST, AddMemberBody, ChangeMemberBody, MemberResponse, toMemberResponse } from './projects.dto.ts';
import { ProjectMembersService } from './project-members.service.ts';

@ApiTags('projects')
@Controller('projects/:id/members')
export class ProjectMembersController {
  constructor(private readonly members: ProjectMembersService) {}

  @Does('List the members of a project')
  @Get()
  @Requires('project.read')
  @ApiList(MEMBER_LIST)
  @AnswersPage(MemberResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(MEMBER_LIST) query: ListQuery,
  ): Promise<Page<MemberResponse>> {
    return (await this.members.list(ctx, id, query)).map((member) => toMemberResponse(member, seesPeople(ctx)));
  }

  @Does('Add a person to a project')
  @Post()
  @LocatedAt('/api/v1/projects/:id/members/{userId}')
  @Requires('project.update')
  @Answers(201, MemberResponse)
  async add(@Ctx() ctx: TenantContext, @IdParam() id: string, @Body() body: AddMemberBody): Promise<MemberResponse> {
    return toMemberResponse(await this.members.add(ctx, id, body.userId, body.role ?? 'member'), seesPeople(ctx));
  }

  @Does('Read what a person is in a project')
  @Get(':userId')
  @Requires('project.read')
  @Answers(200, MemberResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('userId') userId: string,
  ): Promise<MemberResponse> {
    return toMemberResponse(await this.members.get(ctx, id, userId), seesPeople(ctx));
  }

  @Does('Change what a person is in a project')
  @Patch(':userId')
  @Requires('project.update')
  @Answers(200, MemberResponse)
  async change(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('userId') userId: string,
    @Body() body: ChangeMemberBody,
  ): Promise<MemberResponse> {
    return toMemberResponse(await this.members.change(ctx, id, userId, body.role), seesPeople(ctx));
  }

  @Does('Remove a person from a project')
  @Delete(':userId')
  @Requires('project.update')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string, @IdParam('userId') userId: string): Promise<void> {
    await this.members.remove(ctx, id, userId);
  }
}

function seesPeople(ctx: TenantContext): boolean {
  return canAny(ctx.actor, 'user.read');
}
