import { Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { WATCHER_LIST, WatcherResponse, toWatcherResponse } from './watchers.dto.ts';
import { WatchersService } from './watchers.service.ts';

@ApiTags('tasks')
@Controller('tasks/:id/watchers')
export class WatchersController {
  constructor(private readonly watchers: WatchersService) {}

  @Does('List who watches a task')
  @Get()
  @Requires('task.read')
  @ApiList(WATCHER_LIST)
  @AnswersPage(WatcherResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(WATCHER_LIST) query: ListQuery,
  ): Promise<Page<WatcherResponse>> {
    return (await this.watchers.list(ctx, id, query)).map(toWatcherResponse);
  }

  @Does('Have somebody watch a task', 'Yourself, or others with `task.update`.')
  @Put(':userId')
  @Requires('task.read')
  @Answers(200, WatcherResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('userId') userId: string,
  ): Promise<WatcherResponse> {
    return toWatcherResponse(await this.watchers.add(ctx, id, userId));
  }

  @Does('Have somebody watch a task no more', 'Yourself, or others with `task.update`.')
  @Delete(':userId')
  @Requires('task.read')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string, @IdParam('userId') userId: string): Promise<void> {
    await this.watchers.remove(ctx, id, userId);
  }
}
