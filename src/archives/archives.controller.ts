import { Controller, Delete, Get, Post, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersFile, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ExportResponse, toExportResponse } from './archives.dto.ts';
import { ArchivesService } from './archives.service.ts';

const MEDIA_TYPE = 'application/vnd.projectflow.archive';

@ApiTags('organisation')
@Controller('tenants/current/exports')
export class ArchivesController {
  constructor(private readonly archives: ArchivesService) {}

  @Does('List the exports of the organisation')
  @Get()
  @Requires('tenant.export')
  @AnswersPage(ExportResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<ExportResponse>> {
    return Page.whole(await this.archives.list(ctx)).map(toExportResponse);
  }

  @Does(
    'Have the organisation exported',
    'Everything that it owns is written into one file, in the background; sessions and passwords are left out.',
  )
  @Post()
  @Requires('tenant.export')
  @Answers(201, ExportResponse)
  async request(@Ctx() ctx: TenantContext): Promise<ExportResponse> {
    return toExportResponse(await this.archives.request(ctx));
  }

  @Does('Read how far an export is')
  @Get(':id')
  @Requires('tenant.export')
  @Answers(200, ExportResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ExportResponse> {
    return toExportResponse(await this.archives.get(ctx, id));
  }

  @Does('Download the file of an export', 'Once it is ready.')
  @Get(':id/file')
  @Requires('tenant.export')
  @AnswersFile(MEDIA_TYPE)
  async download(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<StreamableFile> {
    const { name, bytes, stream } = await this.archives.open(ctx, id);
    return new StreamableFile(stream, {
      type: MEDIA_TYPE,
      length: bytes,
      disposition: `attachment; filename="${name}"`,
    });
  }

  @Does('Remove an export and its file')
  @Delete(':id')
  @Requires('tenant.export')
  @AnswersNothing()
  remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.archives.remove(ctx, id);
  }
}
