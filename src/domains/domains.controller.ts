import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AddDomainBody, DomainResponse, toDomainResponse } from './domains.dto.ts';
import { DomainsService } from './domains.service.ts';

@ApiTags('organisation')
@Controller('tenants/current/domains')
export class DomainsController {
  constructor(private readonly domains: DomainsService) {}

  @Does('List the domains of the organisation')
  @Get()
  @Requires('tenant.read')
  @AnswersPage(DomainResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<DomainResponse>> {
    return Page.whole(await this.domains.list(ctx)).map(toDomainResponse);
  }

  @Does('Claim a domain', 'Set the TXT record of the answer, then verify. Until then the domain leads nowhere.')
  @Post()
  @Requires('tenant.update')
  @Answers(201, DomainResponse)
  async add(@Ctx() ctx: TenantContext, @Body() body: AddDomainBody): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.add(ctx, body.domain));
  }

  @Does('Read a domain')
  @Get(':id')
  @Requires('tenant.read')
  @Answers(200, DomainResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.get(ctx, id));
  }

  @Does(
    'Prove a domain by its TXT record',
    "Looks for the record. Once proved, requests to the domain are this organisation's.",
  )
  @Put(':id/verification')
  @Requires('tenant.update')
  @Answers(200, DomainResponse)
  async verify(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.verify(ctx, id));
  }

  @Does('Make a domain the primary one', 'Links use it in place of the one before. It must be proved.')
  @Put(':id/primary')
  @Requires('tenant.update')
  @Answers(200, DomainResponse)
  async makePrimary(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<DomainResponse> {
    return toDomainResponse(await this.domains.makePrimary(ctx, id));
  }

  @Does('Remove a domain', 'From then on it leads nowhere.')
  @Delete(':id')
  @Requires('tenant.update')
  @AnswersNothing()
  remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.domains.remove(ctx, id);
  }
}
