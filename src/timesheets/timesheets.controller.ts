import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { DayRange, toDayRange } from '../platform/http/day-range.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  ApproveWeekBody,
  TimesheetResponse,
  TimesheetsResponse,
  toTimesheetResponse,
  toWeek,
} from './timesheets.dto.ts';
import { TimesheetsService } from './timesheets.service.ts';

const MOST_DAYS = 371;
const WEEK = { name: 'week', schema: { type: 'string', format: 'date' }, description: 'Its Monday' } as const;

@ApiTags('timesheets')
@Controller('users/:id/timesheets')
export class TimesheetsController {
  constructor(private readonly timesheets: TimesheetsService) {}

  @Does(
    'List the timesheets of a person week by week',
    "At most 53 weeks: your own, or anybody's with `time.manage` without a condition.",
  )
  @Get()
  @Requires('task.read')
  @DayRange()
  @Answers(200, TimesheetsResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<TimesheetsResponse> {
    refuseOtherQuery(query, ['from', 'to']);
    const weeks = await this.timesheets.list(ctx, id, toDayRange(query, MOST_DAYS));
    return { userId: id, weeks: weeks.map(toTimesheetResponse) };
  }

  @Does(
    'Approve a week of a person',
    'From then on entries of this week can be neither added, changed nor deleted. Takes `time.manage` without a condition; your own weeks, only as an owner.',
  )
  @Put(':week/approval')
  @Requires('time.manage')
  @ApiParam(WEEK)
  @Answers(200, TimesheetResponse)
  async approve(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Param('week') week: string,
    @Body() body: ApproveWeekBody,
  ): Promise<TimesheetResponse> {
    return toTimesheetResponse(await this.timesheets.approve(ctx, id, toWeek(week), body.note ?? null));
  }

  @Does(
    'Reopen an approved week of a person',
    'Takes `time.manage` without a condition; your own weeks, only as an owner.',
  )
  @Delete(':week/approval')
  @Requires('time.manage')
  @ApiParam(WEEK)
  @AnswersNothing()
  async reopen(@Ctx() ctx: TenantContext, @IdParam() id: string, @Param('week') week: string): Promise<void> {
    await this.timesheets.reopen(ctx, id, toWeek(week));
  }
}
