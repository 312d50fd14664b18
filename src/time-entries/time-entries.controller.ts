import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { DayRange } from '../platform/http/day-range.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  HISTORY_LIST,
  TIME_ENTRY_LIST,
  TOTALS_PARAMETERS,
  HistoryEntryResponse,
  StopTimerBody,
  TimeEntryResponse,
  TimeTotalsResponse,
  UpdateTimeEntryBody,
  toHistoryEntryResponse,
  toTimeEntryResponse,
  toTimeTotalsResponse,
  toTotalsQuery,
} from './time-entries.dto.ts';
import { TimeEntriesService } from './time-entries.service.ts';
import { TimersService } from './timers.service.ts';
import { TOTAL_KEYS } from './time-entry.types.ts';

const UUID = { type: 'string', format: 'uuid' } as const;

@ApiTags('time')
@Controller('time-entries')
export class TimeEntriesController {
  constructor(
    private readonly entries: TimeEntriesService,
    private readonly timers: TimersService,
  ) {}

  @Does(
    'List time entries over all tasks',
    'Your own, and those of everybody in projects where you have `time.manage`.',
  )
  @Get()
  @Requires('task.read')
  @ApiList(TIME_ENTRY_LIST)
  @AnswersPage(TimeEntryResponse)
  async list(@Ctx() ctx: TenantContext, @List(TIME_ENTRY_LIST) query: ListQuery): Promise<Page<TimeEntryResponse>> {
    return (await this.entries.list(ctx, query)).map(toTimeEntryResponse);
  }

  @Does('Read your running timer', '404 `timer_not_found` when none runs.')
  @Get('running')
  @Requires('time.log')
  @Answers(200, TimeEntryResponse)
  async getRunning(@Ctx() ctx: TenantContext): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.timers.getRunning(ctx));
  }

  @Does('Sum up the time that was worked', 'Of the finished entries that you may see; at most 1,000 sums.')
  @Get('totals')
  @Requires('task.read')
  @DayRange({ required: false })
  @ApiQuery({ name: 'groupBy', required: false, schema: { type: 'string' }, description: TOTAL_KEYS.join(', ') })
  @ApiQuery({ name: 'taskId', required: false, schema: UUID })
  @ApiQuery({ name: 'projectId', required: false, schema: UUID })
  @ApiQuery({ name: 'userId', required: false, schema: UUID })
  @ApiQuery({ name: 'billable', required: false, schema: { type: 'boolean' } })
  @Answers(200, TimeTotalsResponse)
  async total(@Ctx() ctx: TenantContext, @Query() query: Record<string, unknown>): Promise<TimeTotalsResponse> {
    refuseOtherQuery(query, TOTALS_PARAMETERS);
    const asked = toTotalsQuery(query);
    return toTimeTotalsResponse(asked.groupBy, await this.entries.total(ctx, asked));
  }

  @Does('Read a time entry')
  @Get(':id')
  @Requires('task.read')
  @Answers(200, TimeEntryResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.entries.get(ctx, id));
  }

  @Does('Correct a time entry', 'Your own, or those of others with `time.manage`.')
  @Patch(':id')
  @Requires('time.log')
  @TakesIfMatch()
  @Answers(200, TimeEntryResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateTimeEntryBody,
    @IfMatch() version?: number,
  ): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.entries.update(ctx, id, body, version));
  }

  @Does('Delete a time entry', 'Your own, or those of others with `time.manage`.')
  @Delete(':id')
  @Requires('time.log')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.entries.delete(ctx, id, version);
  }

  @Does('Stop a timer', 'One that was forgotten ends a day after its start, or when `endedAt` says.')
  @Post(':id/stop')
  @Requires('time.log')
  @Answers(200, TimeEntryResponse)
  async stop(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: StopTimerBody,
  ): Promise<TimeEntryResponse> {
    return toTimeEntryResponse(await this.timers.stop(ctx, id, body.endedAt));
  }

  @Does('List the changes of a time entry', 'Field by field, oldest first; also of an entry that was deleted.')
  @Get(':id/history')
  @Requires('task.read')
  @ApiList(HISTORY_LIST)
  @AnswersPage(HistoryEntryResponse)
  async listHistory(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(HISTORY_LIST) query: ListQuery,
  ): Promise<Page<HistoryEntryResponse>> {
    return (await this.entries.listHistory(ctx, id, query)).map(toHistoryEntryResponse);
  }
}
