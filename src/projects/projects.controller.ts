import { Body, Controller, Delete, Get, Patch, Post, Put } from '@nestjs/common';
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
@Controller('projects')
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Does('Create a project', 'Whoever creates it manages it, and so does its owner.')
  @Post()
  @Requires('project.create')
  @Answers(201, ProjectResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateProjectBody): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.create(ctx, body));
  }

  @Does('List the projects that you may see')
  @Get()
  @Requires('project.read')
  @ApiList(PROJECT_LIST)
  @AnswersPage(ProjectResponse)
  async list(@Ctx() ctx: TenantContext, @List(PROJECT_LIST) query: ListQuery): Promise<Page<ProjectResponse>> {
    return (await this.projects.list(ctx, query)).map(toProjectResponse);
  }

  @Does('List the deleted projects', 'Those that can be restored, for those who may delete any project.')
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

  @Does('Read a project')
  @Get(':id')
  @Requires('project.read')
  @Answers(200, ProjectResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.get(ctx, id));
  }

  @Does('Change a project')
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

  @Does('Archive a project', 'It and what is in it can be read and not changed.')
  @Put(':id/archive')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, ProjectResponse)
  async archive(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IfMatch() version?: number,
  ): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.archive(ctx, id, version));
  }

  @Does('Take a project out of the archive', 'It is back in the status in which it was.')
  @Delete(':id/archive')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, ProjectResponse)
  async unarchive(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IfMatch() version?: number,
  ): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.unarchive(ctx, id, version));
  }

  @Does('Delete a project', 'Everything in it goes with it, and comes back with it when it is restored.')
  @Delete(':id')
  @Requires('project.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.projects.delete(ctx, id, version);
  }

  @Does('Restore a deleted project', 'With everything that was in it.')
  @Post(':id/restoration')
  @Requires('project.delete')
  @Answers(200, ProjectResponse)
  async restore(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ProjectResponse> {
    return toProjectResponse(await this.projects.restore(ctx, id));
  }
}
