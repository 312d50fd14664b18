import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { TakesQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  ScheduleBody,
  ScheduleResponse,
  TimelineResponse,
  toDryRun,
  toScheduleResponse,
  toStartOn,
  toTimelineResponse,
} from './scheduling.dto.ts';
import { SchedulingService } from './scheduling.service.ts';

@ApiTags('scheduling')
@Controller('projects/:id')
export class SchedulingController {
  constructor(private readonly scheduling: SchedulingService) {}

  @Does(
    'Compute the timeline of a project',
    'When each task can be done at the earliest and must be done at the latest, the critical path and the forecasts of milestones. For those who see all tasks of the project.',
  )
  @Get('timeline')
  @Requires('task.read')
  @TakesQuery()
  @ApiQuery({ name: 'startOn', required: false, schema: { type: 'string', format: 'date' } })
  @Answers(200, TimelineResponse)
  async timeline(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<TimelineResponse> {
    return toTimelineResponse(await this.scheduling.timeline(ctx, id, toStartOn(query)));
  }

  @Does(
    'Give every open task its earliest dates',
    'For those who may change all tasks of the project. `?dryRun=true` answers the same and writes nothing.',
  )
  @Post('schedule')
  @Requires('task.update')
  @TakesQuery()
  @ApiQuery({
    name: 'dryRun',
    required: false,
    schema: { type: 'boolean', default: false },
    description: 'true: nothing is written',
  })
  @Answers(200, ScheduleResponse)
  async schedule(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
    @Body() { startOn }: ScheduleBody,
  ): Promise<ScheduleResponse> {
    return toScheduleResponse(await this.scheduling.schedule(ctx, id, { startOn, dryRun: toDryRun(query) }));
  }
}
