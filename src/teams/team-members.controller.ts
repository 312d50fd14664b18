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
import {
  TEAM_MEMBER_LIST,
  AddTeamMemberBody,
  ChangeTeamMemberBody,
  TeamMemberResponse,
  toTeamMemberResponse,
} from './teams.dto.ts';
import { TeamsService } from './teams.service.ts';

/** Kept by those who may change teams, and by the leads of each. */
@ApiTags('teams')
@Controller('teams/:id/members')
export class TeamMembersController {
  constructor(private readonly teams: TeamsService) {}

  @Does('List the people in a team')
  @Get()
  @Requires('team.read')
  @ApiList(TEAM_MEMBER_LIST)
  @AnswersPage(TeamMemberResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(TEAM_MEMBER_LIST) query: ListQuery,
  ): Promise<Page<TeamMemberResponse>> {
    return (await this.teams.listMembers(ctx, id, query)).map((each) => toTeamMemberResponse(each, seesPeople(ctx)));
  }

  @Does('Add a person to a team')
  @Post()
  @LocatedAt('/api/v1/teams/:id/members/{userId}')
  @Requires('team.update')
  @Answers(201, TeamMemberResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() { userId, role = 'member' }: AddTeamMemberBody,
  ): Promise<TeamMemberResponse> {
    return toTeamMemberResponse(await this.teams.addMember(ctx, id, userId, role), seesPeople(ctx));
  }

  @Does('Read what a person is in a team')
  @Get(':userId')
  @Requires('team.read')
  @Answers(200, TeamMemberResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('userId') userId: string,
  ): Promise<TeamMemberResponse> {
    return toTeamMemberResponse(await this.teams.getMember(ctx, id, userId), seesPeople(ctx));
  }

  @Does('Change what a person is in a team')
  @Patch(':userId')
  @Requires('team.update')
  @Answers(200, TeamMemberResponse)
  async change(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('userId') userId: string,
    @Body() { role }: ChangeTeamMemberBody,
  ): Promise<TeamMemberResponse> {
    return toTeamMemberResponse(await this.teams.changeMember(ctx, id, userId, role), seesPeople(ctx));
  }

  @Does('Remove a person from a team')
  @Delete(':userId')
  @Requires('team.update')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string, @IdParam('userId') userId: string): Promise<void> {
    await this.teams.removeMember(ctx, id, userId);
  }
}

function seesPeople(ctx: TenantContext): boolean {
  return canAny(ctx.actor, 'user.read');
}
