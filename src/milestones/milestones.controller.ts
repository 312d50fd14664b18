import { Body, Controller, Delete, Get, Patch, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { MilestoneResponse, UpdateMilestoneBody, toMilestoneResponse } from './milestones.dto.ts';
import { MilestonesService } from './milestones.service.ts';

@ApiTags('milestones')
@Controller('milestones')
export class MilestonesController {
  constructor(private readonly milestones: MilestonesService) {}

  @Does('Read a milestone with its progress')
  @Get(':id')
  @Requires('project.read')
  @Answers(200, MilestoneResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<MilestoneResponse> {
    return toMilestoneResponse(await this.milestones.get(ctx, id));
  }

  @Does('Change a milestone')
  @Patch(':id')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, MilestoneResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateMilestoneBody,
    @IfMatch() version?: number,
  ): Promise<MilestoneResponse> {
    return toMilestoneResponse(await this.milestones.update(ctx, id, body, version));
  }

  @Does('Delete a milestone', 'Its tasks stay, and belong to no milestone.')
  @Delete(':id')
  @Requires('project.update')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.milestones.delete(ctx, id, version);
  }

  @Does('Mark a milestone as reached')
  @Put(':id/completion')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, MilestoneResponse)
  async complete(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IfMatch() version?: number,
  ): Promise<MilestoneResponse> {
    return toMilestoneResponse(await this.milestones.complete(ctx, id, version));
  }

  @Does('Mark a milestone as not reached')
  @Delete(':id/completion')
  @Requires('project.update')
  @TakesIfMatch()
  @Answers(200, MilestoneResponse)
  async reopen(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IfMatch() version?: number,
  ): Promise<MilestoneResponse> {
    return toMilestoneResponse(await this.milestones.reopen(ctx, id, version));
  }
}
