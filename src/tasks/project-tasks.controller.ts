import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  DELETED_TASK_LIST,
  PROJECT_TASK_LIST,
  DeletedTaskResponse,
  TaskResponse,
  toDeletedTaskResponse,
  toTaskResponse,
} from './tasks.dto.ts';
import { TasksService } from './tasks.service.ts';

@ApiTags('tasks')
@Controller('projects/:id')
export class ProjectTasksController {
  constructor(private readonly tasks: TasksService) {}

  @Does('List the tasks of a project that you may see')
  @Get('tasks')
  @Requires('task.read')
  @ApiList(PROJECT_TASK_LIST)
  @AnswersPage(TaskResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(PROJECT_TASK_LIST) query: ListQuery,
  ): Promise<Page<TaskResponse>> {
    return (await this.tasks.listOfProject(ctx, id, query)).map(toTaskResponse);
  }

  @Does('List the deleted tasks of a project', 'Those that can be restored.')
  @Get('deleted-tasks')
  @Requires('task.delete')
  @ApiList(DELETED_TASK_LIST)
  @AnswersPage(DeletedTaskResponse)
  async listDeleted(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(DELETED_TASK_LIST) query: ListQuery,
  ): Promise<Page<DeletedTaskResponse>> {
    return (await this.tasks.listDeleted(ctx, id, query)).map(toDeletedTaskResponse);
  }
}
