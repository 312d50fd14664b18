import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AddDomainBody, DomainResponse, toDomainResponse } from './domains.dto.ts';
import { DomainsService } from './domains.service.ts';

@ApiTags('organisation')
@ApiBearerAuth()
@Controller('tenants/current/domains')
export class DomainsController {
  constructor(private readonly domains: DomainsService) {}

  @Get()
  @Requires('tenant.read')
  @AnswersPage(DomainResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<DomainResponse>> {
    return Page.whole(await this.domains.list(ctx)).map(toDomainResponse);
  }

  /** Claims a domain. Set the TXT record of the answer, then verify. */
  @Post()
  @Requires('tenant.update')
  @Answers(201, DomainResponse)
  async add(@Ctx() ctx: TenantContext, @Body() body: AddDomainBody): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.add(ctx, body.domain));
  }

  @Get(':id')
  @Requires('tenant.read')
  @Answers(200, DomainResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.get(ctx, id));
  }

  /** Looks for the TXT record. Once verified, requests to the domain are this organisation's. */
  @Put(':id/verification')
  @Requires('tenant.update')
  @Answers(200, DomainResponse)
  async verify(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.verify(ctx, id));
  }

  /** Makes it the domain that links use. */
  @Put(':id/primary')
  @Requires('tenant.update')
  @Answers(200, DomainResponse)
  async makePrimary(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.makePrimary(ctx, id));
  }

  @Delete(':id')
  @Requires('tenant.update')
  @AnswersNothing()
  remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.domains.remove(ctx, id);
  }
}
