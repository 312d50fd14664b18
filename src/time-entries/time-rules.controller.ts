import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PutTimeRulesBody, TimeRulesResponse, toTimeRulesResponse } from './time-entries.dto.ts';
import { TimeRulesService } from './time-rules.service.ts';

@ApiTags('time')
@ApiBearerAuth()
@Controller('projects/:id/time-rules')
export class TimeRulesController {
  constructor(private readonly rules: TimeRulesService) {}

  /** How the project rounds what is worked in it. */
  @Get()
  @Requires('project.read')
  @Answers(200, TimeRulesResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<TimeRulesResponse> {
    return toTimeRulesResponse(await this.rules.get(ctx, id));
  }

  /** For entries that are written from then on; those that are there stay as they are. */
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
