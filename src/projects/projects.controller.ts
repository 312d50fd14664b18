import { Body, Controller, Delete, Get, Patch, Post, Put } from '@nestjs/common';
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
  DELETED_PROJECT_LIST,
  PROJECT_LIST,
  CreateProjectBody,
  DeletedProjectResponse,
  ProjectResponse,
  UpdateProjectBody,
  toDeletedProjectResponse,
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

  /** What was deleted and can be restored. */
  @Get('deleted')
  @Requires('project.delete')
  @ApiList(DELETED_PROJECT_LIST)
  @AnswersPage(DeletedProjectResponse)
  async listDeleted(
    @Ctx() ctx: TenantContext,
    @List(DELETED_PROJECT_LIST) query: ListQuery,
  ): Promise<Page<DeletedProjectResponse>> {
    return (await this.projects.listDeleted(ctx, query)).map(toDeletedProjectResponse);
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

  /** Puts it away: it and what is in it can be read and not changed. */
  @Put(':id/archive')
  @Requires('project.update')
  @Answers(200, ProjectResponse)
  async archive(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.archive(ctx, id));
  }

  /** Takes it out of the archive, into the status in which it was. */
  @Delete(':id/archive')
  @Requires('project.update')
  @Answers(200, ProjectResponse)
  async unarchive(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.unarchive(ctx, id));
  }

  /** Everything in it goes with it, and comes back with it. */
  @Delete(':id')
  @Requires('project.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.projects.delete(ctx, id, version);
  }

  /** Brings a deleted project back with everything that was in it. */
  @Post(':id/restoration')
  @Requires('project.delete')
  @Answers(200, ProjectResponse)
  async restore(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.restore(ctx, id));
  }
}
