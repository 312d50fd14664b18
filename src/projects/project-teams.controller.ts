import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PROJECT_TEAM_LIST, GiveToTeamBody, ProjectTeamResponse, toProjectTeamResponse } from './projects.dto.ts';
import { ProjectTeamsService } from './project-teams.service.ts';

@ApiTags('projects')
@Controller('projects/:id/teams')
export class ProjectTeamsController {
  constructor(private readonly projectTeams: ProjectTeamsService) {}

  @Does('List the teams that were given a project')
  @Get()
  @Requires('project.read')
  @ApiList(PROJECT_TEAM_LIST)
  @AnswersPage(ProjectTeamResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(PROJECT_TEAM_LIST) query: ListQuery,
  ): Promise<Page<ProjectTeamResponse>> {
    return (await this.projectTeams.list(ctx, id, query)).map(toProjectTeamResponse);
  }

  @Does('Give a project to a team', 'Or change what the team is there.')
  @Put(':teamId')
  @Requires('project.update')
  @Answers(200, ProjectTeamResponse)
  async give(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('teamId') teamId: string,
    @Body() { role }: GiveToTeamBody,
  ): Promise<ProjectTeamResponse> {
    return toProjectTeamResponse(await this.projectTeams.give(ctx, id, teamId, role));
  }

  @Does('Take a project from a team', 'Open tasks of those who are in the project no more become unassigned.')
  @Delete(':teamId')
  @Requires('project.update')
  @AnswersNothing()
  async take(@Ctx() ctx: TenantContext, @IdParam() id: string, @IdParam('teamId') teamId: string): Promise<void> {
    await this.projectTeams.take(ctx, id, teamId);
  }
}
