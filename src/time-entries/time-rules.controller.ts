import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PutTimeRulesBody, TimeRulesResponse, toTimeRulesResponse } from './time-entries.dto.ts';
import { TimeRulesService } from './time-rules.service.ts';

@ApiTags('time')
@Controller('projects/:id/time-rules')
export class TimeRulesController {
  constructor(private readonly rules: TimeRulesService) {}

  @Does('Read how a project rounds time')
  @Get()
  @Requires('project.read')
  @Answers(200, TimeRulesResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<TimeRulesResponse> {
    return toTimeRulesResponse(await this.rules.get(ctx, id));
  }

  @Does(
    'Set how a project rounds time',
    'For entries that are written from then on; those that are there stay as they are.',
  )
  @Put()
  @Requires('project.update')
  @Answers(200, TimeRulesResponse)
  async put(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: PutTimeRulesBody,
  ): Promise<TimeRulesResponse> {
    return toTimeRulesResponse(await this.rules.put(ctx, id, body));
  }
}
