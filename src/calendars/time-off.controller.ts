import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  AddTimeOffBody,
  TIME_OFF_LIST,
  TimeOffResponse,
  UpdateTimeOffBody,
  toTimeOff,
  toTimeOffChanges,
  toTimeOffResponse,
} from './time-off.dto.ts';
import { TimeOffService } from './time-off.service.ts';

/** Read by oneself and with user.read; changed by oneself and with user.update. */
@ApiTags('calendars')
@Controller('users/:id/time-off')
export class TimeOffController {
  constructor(private readonly timeOff: TimeOffService) {}

  @Does(
    'List the time off of a person',
    "Your own, or anybody's with `user.read`. Why somebody is away is told to them and to those with `user.update`.",
  )
  @Get()
  @SignedIn()
  @ApiList(TIME_OFF_LIST)
  @AnswersPage(TimeOffResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(TIME_OFF_LIST) query: ListQuery,
  ): Promise<Page<TimeOffResponse>> {
    return (await this.timeOff.list(ctx, id, query)).map(toTimeOffResponse);
  }

  @Does('Add time off of a person', 'Your own, or that of others with `user.update`.')
  @Post()
  @SignedIn()
  @Answers(201, TimeOffResponse)
  async add(@Ctx() ctx: TenantContext, @IdParam() id: string, @Body() body: AddTimeOffBody): Promise<TimeOffResponse> {
    return toTimeOffResponse(await this.timeOff.add(ctx, id, toTimeOff(body)));
  }

  @Does('Read a time off of a person', "Your own, or anybody's with `user.read`.")
  @Get(':timeOffId')
  @SignedIn()
  @Answers(200, TimeOffResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('timeOffId') timeOffId: string,
  ): Promise<TimeOffResponse> {
    return toTimeOffResponse(await this.timeOff.get(ctx, id, timeOffId));
  }

  @Does('Change a time off of a person', 'Your own, or that of others with `user.update`.')
  @Patch(':timeOffId')
  @SignedIn()
  @TakesIfMatch()
  @Answers(200, TimeOffResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('timeOffId') timeOffId: string,
    @Body() body: UpdateTimeOffBody,
    @IfMatch() version?: number,
  ): Promise<TimeOffResponse> {
    return toTimeOffResponse(await this.timeOff.update(ctx, id, timeOffId, toTimeOffChanges(body), version));
  }

  @Does('Remove a time off of a person', 'Your own, or that of others with `user.update`.')
  @Delete(':timeOffId')
  @SignedIn()
  @AnswersNothing()
  async remove(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('timeOffId') timeOffId: string,
  ): Promise<void> {
    await this.timeOff.remove(ctx, id, timeOffId);
  }
}
