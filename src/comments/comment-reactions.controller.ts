import { Controller, Delete, Param, Put } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CommentReactionsService } from './comment-reactions.service.ts';
import { CommentResponse, toCommentResponse } from './comments.dto.ts';

const EMOJI = { name: 'emoji', schema: { type: 'string' }, description: 'One emoji, percent-encoded' } as const;

@ApiTags('comments')
@Controller('comments/:id/reactions')
export class CommentReactionsController {
  constructor(private readonly reactions: CommentReactionsService) {}

  @Does('React to a comment with an emoji', 'Doing it twice changes nothing.')
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

  @Does('Take a reaction back')
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
