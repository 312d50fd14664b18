import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { Filters } from '../platform/database/list-query.types.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiLookedFor, LookedFor } from '../platform/http/list-query.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { BOARD_FILTERS, BoardResponse, MOST_TASKS, toBoardResponse, toTasksPerColumn } from './boards.dto.ts';
import { BoardsService } from './boards.service.ts';
import { ReplaceWorkflowBody, WorkflowResponse, toTargets, toWorkflow, toWorkflowResponse } from './workflows.dto.ts';

@ApiTags('boards')
@Controller('projects/:id')
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Does(
    'Read the board of a project',
    'The statuses of the workflow in their order, each with how many of the tasks that are looked for are in it, and the first of them.',
  )
  @Get('board')
  @Requires('task.read')
  @ApiLookedFor(BOARD_FILTERS)
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
    @LookedFor(BOARD_FILTERS) filters: Filters,
    @Query('limit') limit: unknown,
  ): Promise<BoardResponse> {
    return toBoardResponse(await this.boards.get(ctx, id, toTasksPerColumn(limit), filters));
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
