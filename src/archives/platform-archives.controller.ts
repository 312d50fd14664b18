import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { From } from '../platform/http/request.ts';
import { ArchiveOrders } from './archive-orders.service.ts';
import { ExportResponse, toExportResponse } from './archives.dto.ts';
import { CloneBody, JobResponse, toJobResponse } from './platform-archives.dto.ts';

@ApiTags('platform')
@Controller('platform/tenants/:id')
export class PlatformArchivesController {
  constructor(private readonly orders: ArchiveOrders) {}

  @Does('Create a second tenant with the same contents', 'In the background. Nobody is signed in there.')
  @Post('clones')
  @ForOperators('tenant.clone', ['slug', 'name', 'plan', 'region', 'cluster'])
  @Answers(202, JobResponse)
  async clone(@IdParam() id: string, @Body() body: CloneBody): Promise<JobResponse> {
    return toJobResponse(await this.orders.clone({ tenantId: id, wanted: body }));
  }

  @Does('List the exports of a tenant', "Whoever asked for them. Their files are the organisation's to download.")
  @Get('exports')
  @ForOperators()
  @AnswersPage(ExportResponse)
  async list(@IdParam() id: string, @From() caller: Caller): Promise<Page<ExportResponse>> {
    return Page.whole(await this.orders.listExports(id, caller)).map(toExportResponse);
  }

  @Does('Have a tenant exported', 'In the background, for the organisation to download.')
  @Post('exports')
  @LocatedAt('/api/v1/platform/tenants/:id/exports')
  @ForOperators('tenant.export')
  @Answers(201, ExportResponse)
  async export(@IdParam() id: string, @From() caller: Caller): Promise<ExportResponse> {
    return toExportResponse(await this.orders.export(id, caller));
  }
}
