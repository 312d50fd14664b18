import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  TASK_TIME_ENTRY_LIST,
  AddTimeEntryBody,
  StartTimerBody,
  TimeEntryResponse,
  toTimeEntryResponse,
} from './time-entries.dto.ts';
import { TimeEntriesService } from './time-entries.service.ts';
import { TimersService } from './timers.service.ts';

const LOCATION = '/api/v1/time-entries/{id}';

@ApiTags('time')
@Controller('tasks/:id/time-entries')
export class TaskTimeEntriesController {
  constructor(
    private readonly entries: TimeEntriesService,
    private readonly timers: TimersService,
  ) {}

  @Does('List the time entries of a task', 'Your own, and those of everybody with `time.manage` there.')
  @Get()
  @Requires('task.read')
  @ApiList(TASK_TIME_ENTRY_LIST)
  @AnswersPage(TimeEntryResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(TASK_TIME_ENTRY_LIST) query: ListQuery,
  ): Promise<Page<TimeEntryResponse>> {
    return (await this.entries.listOfTask(ctx, id, query)).map(toTimeEntryResponse);
  }

  @Does('Log time on a task', 'A day and how long, or from when to when.')
  @Post()
  @LocatedAt(LOCATION)
  @Requires('time.log')
  @Answers(201, TimeEntryResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: AddTimeEntryBody,
  ): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.entries.add(ctx, id, body));
  }

  @Does('Start your timer on a task', 'A person has one that runs: 409 `timer_running` names it.')
  @Post('start')
  @LocatedAt(LOCATION)
  @Requires('time.log')
  @Answers(201, TimeEntryResponse)
  async start(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: StartTimerBody,
  ): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.timers.start(ctx, id, body));
  }
}
