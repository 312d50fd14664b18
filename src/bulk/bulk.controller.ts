import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx, type AppReply } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { BulkRunResponse, RunBulkBody, toBulkRunResponse } from './bulk.dto.ts';
import { BulkService } from './bulk.service.ts';

@ApiTags('tasks')
@Controller('tasks/bulk')
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  @Does(
    'Carry out many operations on tasks',
    'Up to 100 are done when this answers; of more of them it answers 202, and their progress is read at the `Location`.',
  )
  @Post()
  @Requires('task.update')
  @Answers(200, BulkRunResponse)
  async run(
    @Ctx() ctx: TenantContext,
    @Body() { mode = 'atomic', operations }: RunBulkBody,
    @Res({ passthrough: true }) reply: AppReply,
  ): Promise<BulkRunResponse> {
    const run = await this.bulk.run(ctx, mode, operations);
    if (run.finishedAt === null) void reply.status(202).header('location', `/api/v1/tasks/bulk/${run.id}`);
    return toBulkRunResponse(run);
  }

  @Does('Read how far a run of operations is', 'Only whoever ordered it sees it.')
  @Get(':id')
  @Requires('task.update')
  @Answers(200, BulkRunResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<BulkRunResponse> {
    return toBulkRunResponse(await this.bulk.get(ctx, id));
  }
}
