import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CommentsService } from './comments.service.ts';
import {
  COMMENT_HISTORY_LIST,
  COMMENT_LIST,
  CommentBody,
  CommentResponse,
  CommentVersionResponse,
  NewCommentBody,
  toCommentResponse,
  toCommentVersionResponse,
} from './comments.dto.ts';

@ApiTags('comments')
@Controller()
export class CommentsController {
  constructor(private readonly comments: CommentsService) {}

  @Does('Comment on a task', 'Or reply to a comment, with `parentId`.')
  @Post('tasks/:id/comments')
  @LocatedAt('/api/v1/comments/{id}')
  @Requires('task.comment')
  @Answers(201, CommentResponse)
  async add(@Ctx() ctx: TenantContext, @IdParam() id: string, @Body() body: NewCommentBody): Promise<CommentResponse> {
    return toCommentResponse(await this.comments.add(ctx, id, body));
  }

  @Does('List the comments on a task')
  @Get('tasks/:id/comments')
  @Requires('task.read')
  @ApiList(COMMENT_LIST)
  @AnswersPage(CommentResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(COMMENT_LIST) query: ListQuery,
  ): Promise<Page<CommentResponse>> {
    return (await this.comments.list(ctx, id, query)).map(toCommentResponse);
  }

  @Does('Read a comment')
  @Get('comments/:id')
  @Requires('task.read')
  @Answers(200, CommentResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<CommentResponse> {
    return toCommentResponse(await this.comments.get(ctx, id));
  }

  @Does('List the former texts of a comment', 'Those that it had before it was edited, the newest first.')
  @Get('comments/:id/history')
  @Requires('task.read')
  @ApiList(COMMENT_HISTORY_LIST)
  @AnswersPage(CommentVersionResponse)
  async listVersions(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(COMMENT_HISTORY_LIST) query: ListQuery,
  ): Promise<Page<CommentVersionResponse>> {
    return (await this.comments.listVersions(ctx, id, query)).map(toCommentVersionResponse);
  }

  @Does('Edit a comment', 'By its author.')
  @Patch('comments/:id')
  @Requires('task.comment')
  @TakesIfMatch()
  @Answers(200, CommentResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() { body }: CommentBody,
    @IfMatch() version?: number,
  ): Promise<CommentResponse> {
    return toCommentResponse(await this.comments.update(ctx, id, body, version));
  }

  @Does('Delete a comment', 'By its author, or by whoever may delete tasks there.')
  @Delete('comments/:id')
  @Requires('task.comment')
  @TakesIfMatch()
  @AnswersNothing()
  async delete(@Ctx() ctx: TenantContext, @IdParam() id: string, @IfMatch() version?: number): Promise<void> {
    await this.comments.delete(ctx, id, version);
  }
}
