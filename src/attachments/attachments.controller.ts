import { Body, Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { IncomingFile } from '../platform/files/incoming-file.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import type { FileAnswer } from '../platform/http/file-answer.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersFile, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx, type AppRequest } from '../platform/http/request.ts';
import { TakesUpload, Upload } from '../platform/http/uploads.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  ATTACHMENT_LIST,
  AttachmentResponse,
  FileLinkBody,
  FileLinkResponse,
  toAttachmentResponse,
  toFile,
  toFileLinkResponse,
  toThumbnail,
} from './attachments.dto.ts';
import { AttachmentsService } from './attachments.service.ts';
import { FileLinksService } from './file-links.service.ts';

const FIELDS = {
  commentId: { type: 'string', format: 'uuid', description: 'A comment of one’s own on the task that it belongs to' },
};
const DEFAULT_SECONDS = 300;

@ApiTags('attachments')
@Controller()
export class AttachmentsController {
  constructor(
    private readonly attachments: AttachmentsService,
    private readonly links: FileLinksService,
  ) {}

  @Does('Attach a file to a task', 'Or to a comment of your own on it, with `commentId`.')
  @Post('tasks/:id/attachments')
  @LocatedAt('/api/v1/attachments/{id}')
  @Requires('task.comment')
  @TakesUpload('Of at most 25 MiB, where the operator has not said otherwise; no programs', FIELDS)
  @Answers(201, AttachmentResponse)
  async add(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Upload() file: IncomingFile,
  ): Promise<AttachmentResponse> {
    return toAttachmentResponse(await this.attachments.add(ctx, id, file));
  }

  @Does('List the files of a task')
  @Get('tasks/:id/attachments')
  @Requires('task.read')
  @ApiList(ATTACHMENT_LIST)
  @AnswersPage(AttachmentResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @List(ATTACHMENT_LIST) query: ListQuery,
  ): Promise<Page<AttachmentResponse>> {
    return (await this.attachments.list(ctx, id, query)).map(toAttachmentResponse);
  }

  @Does('Read what is known of a file')
  @Get('attachments/:id')
  @Requires('task.read')
  @Answers(200, AttachmentResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<AttachmentResponse> {
    return toAttachmentResponse(await this.attachments.get(ctx, id));
  }

  @Does('Download a file', 'Whole, or one range of it.')
  @Get('attachments/:id/file')
  @Requires('task.read')
  @AnswersFile('application/octet-stream')
  async download(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<FileAnswer> {
    return toFile(await this.attachments.open(ctx, id));
  }

  @Does(
    'Download a small picture of a file',
    'At most 320 pixels wide and high; `hasThumbnail` says whether there is one.',
  )
  @Get('attachments/:id/thumbnail')
  @Requires('task.read')
  @AnswersFile('image/webp')
  async thumbnail(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<FileAnswer> {
    return toThumbnail(await this.attachments.openThumbnail(ctx, id));
  }

  @Does(
    'Create a link to a file',
    'It works without signing in, for a short time and as long as whoever asked for it may see the task.',
  )
  @Post('attachments/:id/links')
  @HttpCode(200)
  @Requires('task.read')
  @Answers(200, FileLinkResponse)
  async link(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() { expiresInSeconds: seconds = DEFAULT_SECONDS }: FileLinkBody,
    @Req() { protocol, host }: AppRequest,
  ): Promise<FileLinkResponse> {
    return toFileLinkResponse(await this.links.issue(ctx, id, { seconds, origin: `${protocol}://${host}` }));
  }

  @Does('Remove a file', 'By whoever added it, or by whoever may delete tasks there.')
  @Delete('attachments/:id')
  @Requires('task.comment')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.attachments.remove(ctx, id);
  }
}
