import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires, SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  AddHolidayBody,
  HOLIDAY_LIST,
  HolidayResponse,
  ImportHolidaysBody,
  ImportOutcomeResponse,
  toHolidayResponse,
} from './holidays.dto.ts';
import { HolidaysService } from './holidays.service.ts';

/** Days on which nobody of the organisation works. */
@ApiTags('calendars')
@Controller('calendars/holidays')
export class HolidaysController {
  constructor(private readonly holidays: HolidaysService) {}

  @Does('List the holidays', 'Days on which nobody of the organisation works.')
  @Get()
  @SignedIn()
  @ApiList(HOLIDAY_LIST)
  @AnswersPage(HolidayResponse)
  async list(@Ctx() ctx: TenantContext, @List(HOLIDAY_LIST) query: ListQuery): Promise<Page<HolidayResponse>> {
    return (await this.holidays.list(ctx, query)).map(toHolidayResponse);
  }

  @Does('Add a holiday')
  @Post()
  @Requires('tenant.update')
  @Answers(201, HolidayResponse)
  async add(@Ctx() ctx: TenantContext, @Body() body: AddHolidayBody): Promise<HolidayResponse> {
    return toHolidayResponse(await this.holidays.add(ctx, body));
  }

  @Does(
    'Import holidays from a calendar file',
    'An iCalendar file (RFC 5545). What was imported before stays as it is.',
  )
  @Post('import')
  @Requires('tenant.update')
  @Answers(200, ImportOutcomeResponse)
  import(@Ctx() ctx: TenantContext, @Body() body: ImportHolidaysBody): Promise<ImportOutcomeResponse> {
    return this.holidays.import(ctx, body.ical);
  }

  @Does('Read a holiday')
  @Get(':id')
  @SignedIn()
  @Answers(200, HolidayResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<HolidayResponse> {
    return toHolidayResponse(await this.holidays.get(ctx, id));
  }

  @Does('Remove a holiday')
  @Delete(':id')
  @Requires('tenant.update')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.holidays.remove(ctx, id);
  }
}
