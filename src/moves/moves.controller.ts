import { Body, Controller, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { MoveOrders } from './move-orders.service.ts';
import { JobResponse, MoveBody, MoveResponse, toJobResponse, toMoveResponse } from './moves.dto.ts';

@ApiTags('platform')
@Controller('platform/tenants/:id/moves')
export class MovesController {
  constructor(private readonly orders: MoveOrders) {}

  @Does('List the moves of a tenant', 'Newest first.')
  @Get()
  @ForOperators()
  @AnswersPage(MoveResponse)
  async list(@IdParam() id: string): Promise<Page<MoveResponse>> {
    return Page.whole(await this.orders.list(id)).map(toMoveResponse);
  }

  @Does(
    'Move a tenant to another database',
    'In the background and while it is being used; the old copy is kept until the move is confirmed.',
  )
  @Post()
  @ForOperators('tenant.move', ['cluster'])
  @Answers(202, JobResponse)
  async move(@IdParam() id: string, @Body() body: MoveBody): Promise<JobResponse> {
    return toJobResponse(await this.orders.order({ tenantId: id, cluster: body.cluster }));
  }

  @Does('Confirm a move and remove the old copy')
  @Put('confirmation')
  @ForOperators('tenant.confirm_move')
  @AnswersNothing()
  confirm(@IdParam() id: string): Promise<void> {
    return this.orders.confirm(id);
  }
}
