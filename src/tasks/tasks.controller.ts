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
  HISTORY_LIST,
  TASK_LIST,
  AssignTaskBody,
  ChangeStatusBody,
  CreateTaskBody,
  HistoryEntryResponse,
  MoveTaskBody,
  RollUpResponse,
  TaskResponse,
  UpdateTaskBody,
  WrittenTaskResponse,
  toHistoryEntryResponse,
  toRollUpResponse,
  toTaskResponse,
  toWrittenTaskResponse,
} from './tasks.dto.ts';
import { TasksService } from './tasks.service.ts';

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Does('Create a task')
  @Post()
  @Requires('task.create')
  @Answers(201, WrittenTaskResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateTaskBody): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.create(ctx, body));
  }

  @Does('List the tasks that you may see', 'Over all projects.')
  @Get()
  @Requires('task.read')
  @ApiList(TASK_LIST)
  @AnswersPage(TaskResponse)
  async list(@Ctx() ctx: TenantContext, @List(TASK_LIST) query: ListQuery): Promise<Page<TaskResponse>> {
    return (await this.tasks.list(ctx, query)).map(toTaskResponse);
  }

  @Does('Read a task')
  @Get(':id')
  @Requires('task.read')
  @Answers(200, TaskResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<TaskResponse> {
    return toTaskResponse(await this.tasks.get(ctx, id));
  }

  @Does('Change the fields of a task')
  @Patch(':id')
  @Requires('task.update')
  @TakesIfMatch()
  @Answers(200, WrittenTaskResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateTaskBody,
    @IfMatch() version?: number,
  ): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.update(ctx, id, body, version));
  }

  @Does('Give a task to somebody or to nobody')
  @Put(':id/assignee')
  @Requires('task.update')
  @TakesIfMatch()
  @Answers(200, WrittenTaskResponse)
  async assign(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: AssignTaskBody,
    @IfMatch() version?: number,
  ): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.assign(ctx, id, body.assigneeId, version));
  }

  @Does('Move a task to another status', "Along the transitions of the project's workflow.")
  @Put(':id/status')
  @Requires('task.update')
  @TakesIfMatch()
  @Answers(200, WrittenTaskResponse)
  async changeStatus(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: ChangeStatusBody,
    @IfMatch() version?: number,
  ): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.changeStatus(ctx, id, body.status, version));
  }

  @Does(
    'Move a task before or behind another one',
    'Or to the first or last place of its project, and into another status with the same drag.',
  )
  @Put(':id/position')
  @Requires('task.update')
  @TakesIfMatch()
  @Answers(200, WrittenTaskResponse)
  async move(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() place: MoveTaskBody,
    @IfMatch() version?: number,
  ): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.move(ctx, id, place, version));
  }

  @Does('Delete a task', 'Its subtasks stand for themselves from then on; it can be restored.')
  @Delete(':id')
  @Requires('task.delete')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.tasks.delete(ctx, id, version);
  }

  @Does('Restore a deleted task', 'Without the parent, milestone, assignee or status that is gone since.')
  @Post(':id/restoration')
  @Requires('task.delete')
  @Answers(200, WrittenTaskResponse)
  async restore(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<WrittenTaskResponse> {
    return toWrittenTaskResponse(await this.tasks.restore(ctx, id));
  }

  @Does('Sum up a task and everything below it', 'Hours, dates and progress.')
  @Get(':id/roll-up')
  @Requires('task.read')
  @Answers(200, RollUpResponse)
  async rollUp(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<RollUpResponse> {
    return toRollUpResponse(await this.tasks.rollUp(ctx, id));
  }

  @Does('List what happened to a task', 'Every move and every change of a field, oldest first.')
  @Get(':id/history')
  @Requires('task.read')
  @ApiList(HISTORY_LIST)
  @AnswersPage(HistoryEntryResponse)
  async listHistory(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(HISTORY_LIST) query: ListQuery,
  ): Promise<Page<HistoryEntryResponse>> {
    return (await this.tasks.listHistory(ctx, id, query)).map(toHistoryEntryResponse);
  }
}
