import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { TakesQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { BoardResponse, MOST_TASKS, toBoardResponse, toTasksPerColumn } from './boards.dto.ts';
import { BoardsService } from './boards.service.ts';
import { ReplaceWorkflowBody, WorkflowResponse, toTargets, toWorkflow, toWorkflowResponse } from './workflows.dto.ts';

@ApiTags('boards')
@Controller('projects/:id')
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Does(
    'Read the board of a project',
    'The statuses of the workflow in their order, each with its first tasks and how many there are.',
  )
  @Get('board')
  @Requires('task.read')
  @TakesQuery()
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: MOST_TASKS, default: 50 },
    description: 'Tasks of each column',
  })
  @Answers(200, BoardResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<BoardResponse> {
    return toBoardResponse(await this.boards.get(ctx, id, toTasksPerColumn(query)));
  }

  @Does('Read the workflow of a project')
  @Get('workflow')
  @Requires('project.read')
  @Answers(200, WorkflowResponse)
  async getWorkflow(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<WorkflowResponse> {
    return toWorkflowResponse(await this.boards.getWorkflow(ctx, id));
  }

  @Does(
    'Replace the workflow of a project',
    'All of it anew. Tasks in a status that there will be no more go where `moveTasks` says.',
  )
  @Put('workflow')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, WorkflowResponse)
  async replaceWorkflow(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: ReplaceWorkflowBody,
    @IfMatch() version?: number,
  ): Promise<WorkflowResponse> {
    return toWorkflowResponse(await this.boards.replaceWorkflow(ctx, id, toWorkflow(body), toTargets(body), version));
  }
}
