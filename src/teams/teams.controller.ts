import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TEAM_LIST, CreateTeamBody, TeamResponse, UpdateTeamBody, toTeamResponse } from './teams.dto.ts';
import { TeamsService } from './teams.service.ts';

@ApiTags('teams')
@Controller('teams')
export class TeamsController {
  constructor(private readonly teams: TeamsService) {}

  @Does('List the teams')
  @Get()
  @Requires('team.read')
  @ApiList(TEAM_LIST)
  @AnswersPage(TeamResponse)
  async list(@Ctx() ctx: TenantContext, @List(TEAM_LIST) query: ListQuery): Promise<Page<TeamResponse>> {
    return (await this.teams.list(ctx, query)).map(toTeamResponse);
  }

  @Does('Create a team', 'Nobody is in it yet.')
  @Post()
  @Requires('team.create')
  @Answers(201, TeamResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateTeamBody): Promise<TeamResponse> {
    return toTeamResponse(await this.teams.create(ctx, body));
  }

  @Does('Read a team')
  @Get(':id')
  @Requires('team.read')
  @Answers(200, TeamResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<TeamResponse> {
    return toTeamResponse(await this.teams.get(ctx, id));
  }

  @Does('Change a team')
  @Patch(':id')
  @Requires('team.update')
  @TakesIfMatch()
  @Answers(200, TeamResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateTeamBody,
    @IfMatch() version?: number,
  ): Promise<TeamResponse> {
    return toTeamResponse(await this.teams.update(ctx, id, body, version));
  }

  @Does('Delete a team', 'Whoever was in a project through it is there no more.')
  @Delete(':id')
  @Requires('team.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.teams.delete(ctx, id, version);
  }
}
