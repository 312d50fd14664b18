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
import {
  RESOURCE_LIST,
  AddResourceBody,
  PlannedResourceResponse,
  ResourceResponse,
  UpdateResourceBody,
  toPlannedResourceResponse,
  toResourceResponse,
} from './resources.dto.ts';
import { ResourcesService } from './resources.service.ts';

@ApiTags('resources')
@Controller('projects/:id/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Does('List who is planned for a project and how much')
  @Get()
  @Requires('analytics.read')
  @ApiList(RESOURCE_LIST)
  @AnswersPage(ResourceResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(RESOURCE_LIST) query: ListQuery,
  ): Promise<Page<ResourceResponse>> {
    return (await this.resources.list(ctx, id, query)).map(toResourceResponse);
  }

  @Does('Plan a person for a project', 'More than somebody works is not refused: `warnings` tells it.')
  @Post()
  @Requires('project.update')
  @Answers(201, PlannedResourceResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: AddResourceBody,
  ): Promise<PlannedResourceResponse> {
    return toPlannedResourceResponse(await this.resources.add(ctx, id, body));
  }

  @Does('Read a plan for a person')
  @Get(':resourceId')
  @Requires('analytics.read')
  @Answers(200, ResourceResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('resourceId') resourceId: string,
  ): Promise<ResourceResponse> {
    return toResourceResponse(await this.resources.get(ctx, id, resourceId));
  }

  @Does('Change a plan for a person', 'More than somebody works is not refused: `warnings` tells it.')
  @Patch(':resourceId')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, PlannedResourceResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('resourceId') resourceId: string,
    @Body() body: UpdateResourceBody,
    @IfMatch() version?: number,
  ): Promise<PlannedResourceResponse> {
    return toPlannedResourceResponse(await this.resources.update(ctx, id, resourceId, body, version));
  }

  @Does('Remove a plan for a person')
  @Delete(':resourceId')
  @Requires('project.update')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('resourceId') resourceId: string,
    @IfMatch() version?: number,
  ): Promise<void> {
    await this.resources.delete(ctx, id, resourceId, version);
  }
}
