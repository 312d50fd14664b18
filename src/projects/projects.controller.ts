import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  PROJECT_LIST,
  CreateProjectBody,
  ProjectResponse,
  UpdateProjectBody,
  toProjectResponse,
} from './projects.dto.ts';
import { ProjectsService } from './projects.service.ts';

@ApiTags('projects')
@ApiBearerAuth()
@Controller('projects')
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Post()
  @Requires('project.create')
  @Answers(201, ProjectResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateProjectBody): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.create(ctx, body));
  }

  /** The projects that the actor may see. */
  @Get()
  @Requires('project.read')
  @ApiList(PROJECT_LIST)
  @AnswersPage(ProjectResponse)
  async list(@Ctx() ctx: TenantContext, @List(PROJECT_LIST) query: ListQuery): Promise<Page<ProjectResponse>> {
    return (await this.projects.list(ctx, query)).map(toProjectResponse);
  }

  @Get(':id')
  @Requires('project.read')
  @Answers(200, ProjectResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.get(ctx, id));
  }

  @Patch(':id')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, ProjectResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateProjectBody,
    @IfMatch() version?: number,
  ): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.update(ctx, id, body, version));
  }

  /** Its tasks go with it. */
  @Delete(':id')
  @Requires('project.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.projects.delete(ctx, id, version);
  }
}
