import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires, SignedIn } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  CalendarResponse,
  PutCalendarBody,
  PutDefaultCalendarBody,
  WorkingTimeResponse,
  toCalendarResponse,
  toPeriod,
  toRange,
  toWorkingTimeResponse,
} from './calendars.dto.ts';
import { CalendarsService } from './calendars.service.ts';

@ApiTags('calendars')
@Controller()
export class CalendarsController {
  constructor(private readonly calendars: CalendarsService) {}

  @Does('Read the working week of the organisation', 'It holds for whoever has none of their own.')
  @Get('calendars/default')
  @SignedIn()
  @Answers(200, CalendarResponse)
  async getDefault(@Ctx() ctx: TenantContext): Promise<CalendarResponse> {
    return toCalendarResponse(await this.calendars.getDefault(ctx));
  }

  @Does('Set the working week of the organisation', 'From a day on; before it everything stays as it was.')
  @Put('calendars/default')
  @Requires('tenant.update')
  @Answers(200, CalendarResponse)
  async putDefault(@Ctx() ctx: TenantContext, @Body() body: PutDefaultCalendarBody): Promise<CalendarResponse> {
    return toCalendarResponse(await this.calendars.putDefault(ctx, toPeriod(body)));
  }

  @Does('Read the working week of a person', "Your own, or anybody's with `user.read`.")
  @Get('users/:id/calendar')
  @SignedIn()
  @Answers(200, CalendarResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<CalendarResponse> {
    return toCalendarResponse(await this.calendars.get(ctx, id));
  }

  @Does(
    'Set the working week of a person',
    'From a day on; before it everything stays as it was. Your own, or that of others with `user.update`.',
  )
  @Put('users/:id/calendar')
  @SignedIn()
  @Answers(200, CalendarResponse)
  async put(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: PutCalendarBody,
  ): Promise<CalendarResponse> {
    return toCalendarResponse(await this.calendars.put(ctx, id, toPeriod(body)));
  }

  @Does(
    'Read the working time of a person day by day',
    "After holidays and time off; at most 366 days. Your own, or anybody's with `user.read`.",
  )
  @Get('users/:id/working-time')
  @SignedIn()
  @TakesQuery()
  @ApiQuery({ name: 'from', required: true, schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'to', required: true, schema: { type: 'string', format: 'date' }, description: 'Last day' })
  @Answers(200, WorkingTimeResponse)
  async workingTime(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<WorkingTimeResponse> {
    refuseOtherQuery(query, ['from', 'to']);
    return toWorkingTimeResponse(id, await this.calendars.workingTime(ctx, id, toRange(query)));
  }
}
