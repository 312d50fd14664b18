import { Controller, Delete, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiParam, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CommentReactionsService } from './comment-reactions.service.ts';
import { CommentResponse, toCommentResponse } from './comments.dto.ts';

const EMOJI = { name: 'emoji', schema: { type: 'string' }, description: 'One emoji, percent-encoded' } as const;

@ApiTags('comments')
@ApiBearerAuth()
@Controller('comments/:id/reactions')
export class CommentReactionsController {
  constructor(private readonly reactions: CommentReactionsService) {}

  @Put(':emoji')
  @ApiParam(EMOJI)
  @Requires('task.comment')
  @Answers(200, CommentResponse)
  async react(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Param('emoji') emoji: string,
  ): Promise<CommentResponse> {
    return toCommentResponse(await this.reactions.react(ctx, id, emoji));
  }

  @Delete(':emoji')
  @ApiParam(EMOJI)
  @Requires('task.comment')
  @Answers(200, CommentResponse)
  async withdraw(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Param('emoji') emoji: string,
  ): Promise<CommentResponse> {
    return toCommentResponse(await this.reactions.withdraw(ctx, id, emoji));
  }
}
