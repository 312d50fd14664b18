import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AUDIT_LIST, AuditEventResponse, toAuditEventResponse } from './audit.dto.ts';
import { AuditService } from './audit.service.ts';

@ApiTags('organisation')
@Controller('tenants/current/audit-log')
export class AuditController {
  constructor(private readonly events: AuditService) {}

  @Does('List who did what, from where', 'Sign-ins, refusals, and changes of people, roles and settings. Newest first.')
  @Get()
  @Requires('audit.read')
  @ApiList(AUDIT_LIST)
  @AnswersPage(AuditEventResponse)
  async list(@Ctx() ctx: TenantContext, @List(AUDIT_LIST) query: ListQuery): Promise<Page<AuditEventResponse>> {
    return (await this.events.list(ctx, query)).map(toAuditEventResponse);
  }

  @Does('Read an entry of the audit log')
  @Get(':id')
  @Requires('audit.read')
  @Answers(200, AuditEventResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<AuditEventResponse> {
    return toAuditEventResponse(await this.events.get(ctx, id));
  }
}
