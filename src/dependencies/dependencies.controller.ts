import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { TakesQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  BLOCKED_LIST,
  DEPENDENCY_LIST,
  AddDependencyBody,
  BlockedTaskResponse,
  DependencyGraphResponse,
  DependencyResponse,
  UpdateDependencyBody,
  toBlockedTaskResponse,
  toDependencyGraphResponse,
  toDependencyResponse,
  toGraphQuery,
} from './dependencies.dto.ts';
import { DependenciesService } from './dependencies.service.ts';

@ApiTags('dependencies')
@Controller()
export class DependenciesController {
  constructor(private readonly dependencies: DependenciesService) {}

  @Does(
    'Make a task wait for another one',
    'The task of the path waits for another one of its project. What would close a circle is refused.',
  )
  @Post('tasks/:id/dependencies')
  @Requires('task.update')
  @Answers(201, DependencyResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: AddDependencyBody,
  ): Promise<DependencyResponse> {
    return toDependencyResponse(await this.dependencies.add(ctx, id, body));
  }

  @Does('List the direct dependencies of a task', 'What it waits for, and what waits for it.')
  @Get('tasks/:id/dependencies')
  @Requires('task.read')
  @ApiList(DEPENDENCY_LIST)
  @AnswersPage(DependencyResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(DEPENDENCY_LIST) query: ListQuery,
  ): Promise<Page<DependencyResponse>> {
    return (await this.dependencies.list(ctx, id, query)).map(toDependencyResponse);
  }

  @Does('Read a dependency of a task')
  @Get('tasks/:id/dependencies/:dependencyId')
  @Requires('task.read')
  @Answers(200, DependencyResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('dependencyId') dependencyId: string,
  ): Promise<DependencyResponse> {
    return toDependencyResponse(await this.dependencies.get(ctx, id, dependencyId));
  }

  @Does('Change a dependency', 'By whoever may change the task that waits.')
  @Patch('tasks/:id/dependencies/:dependencyId')
  @Requires('task.update')
  @TakesIfMatch()
  @Answers(200, DependencyResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('dependencyId') dependencyId: string,
    @Body() body: UpdateDependencyBody,
    @IfMatch() version?: number,
  ): Promise<DependencyResponse> {
    return toDependencyResponse(await this.dependencies.update(ctx, id, dependencyId, body, version));
  }

  @Does('Remove a dependency', 'By whoever may change the task that waits.')
  @Delete('tasks/:id/dependencies/:dependencyId')
  @Requires('task.update')
  @TakesIfMatch()
  @AnswersNothing()
  async remove(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('dependencyId') dependencyId: string,
    @IfMatch() version?: number,
  ): Promise<void> {
    await this.dependencies.remove(ctx, id, dependencyId, version);
  }

  @Does(
    'Read the graph of dependencies around a task',
    'Everything that it waits for and that waits for it, over any number of others.',
  )
  @Get('tasks/:id/dependency-graph')
  @Requires('task.read')
  @TakesQuery()
  @ApiQuery({ name: 'direction', required: false, schema: { enum: ['blocked_by', 'blocks', 'both'], default: 'both' } })
  @ApiQuery({
    name: 'depth',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 100 },
    description: 'At most so many steps away; everything when not given',
  })
  @Answers(200, DependencyGraphResponse)
  async graph(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<DependencyGraphResponse> {
    return toDependencyGraphResponse(await this.dependencies.graph(ctx, id, toGraphQuery(query)));
  }

  @Does('List the blocked tasks of a project', 'Open tasks that others hold up, with how many hold them up.')
  @Get('projects/:id/blocked-tasks')
  @Requires('task.read')
  @ApiList(BLOCKED_LIST)
  @AnswersPage(BlockedTaskResponse)
  async listBlocked(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(BLOCKED_LIST) query: ListQuery,
  ): Promise<Page<BlockedTaskResponse>> {
    return (await this.dependencies.listBlocked(ctx, id, query)).map(toBlockedTaskResponse);
  }
}
