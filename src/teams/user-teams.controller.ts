import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TEAM_OF_USER_LIST, TeamOfUserResponse, toTeamOfUserResponse } from './teams.dto.ts';
import { TeamsService } from './teams.service.ts';

@ApiTags('teams')
@Controller('users/:id/teams')
export class UserTeamsController {
  constructor(private readonly teams: TeamsService) {}

  @Does('List the teams of a person', "Your own, or anybody's with `team.read`.")
  @Get()
  @SignedIn()
  @ApiList(TEAM_OF_USER_LIST)
  @AnswersPage(TeamOfUserResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(TEAM_OF_USER_LIST) query: ListQuery,
  ): Promise<Page<TeamOfUserResponse>> {
    return (await this.teams.listOfUser(ctx, id, query)).map(toTeamOfUserResponse);
  }
}
