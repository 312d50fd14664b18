import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  CreateServiceAccountBody,
  SERVICE_ACCOUNT_LIST,
  ServiceAccountResponse,
  UpdateServiceAccountBody,
  toServiceAccountResponse,
} from './service-accounts.dto.ts';
import { ServiceAccountsService } from './service-accounts.service.ts';

/** Accounts of programs. Their keys are at `/service-accounts/:id/api-keys`. */
@ApiTags('service accounts')
@Controller('service-accounts')
export class ServiceAccountsController {
  constructor(private readonly accounts: ServiceAccountsService) {}

  @Does('List the service accounts')
  @Get()
  @Requires('key.manage')
  @ApiList(SERVICE_ACCOUNT_LIST)
  @AnswersPage(ServiceAccountResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @List(SERVICE_ACCOUNT_LIST) query: ListQuery,
  ): Promise<Page<ServiceAccountResponse>> {
    return (await this.accounts.list(ctx, query)).map(toServiceAccountResponse);
  }

  @Does('Create a service account', 'With roles no higher than your own.')
  @Post()
  @Requires('key.manage')
  @NeedsFreshSignIn()
  @Answers(201, ServiceAccountResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateServiceAccountBody): Promise<ServiceAccountResponse> {
    return toServiceAccountResponse(await this.accounts.create(ctx, body));
  }

  @Does('Read a service account')
  @Get(':id')
  @Requires('key.manage')
  @Answers(200, ServiceAccountResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ServiceAccountResponse> {
    return toServiceAccountResponse(await this.accounts.get(ctx, id));
  }

  @Does('Change a service account')
  @Patch(':id')
  @Requires('key.manage')
  @NeedsFreshSignIn()
  @TakesIfMatch()
  @Answers(200, ServiceAccountResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateServiceAccountBody,
    @IfMatch() version?: number,
  ): Promise<ServiceAccountResponse> {
    return toServiceAccountResponse(await this.accounts.update(ctx, id, body, version));
  }

  @Does('End a service account', 'Its keys end, and it acts no more; what it has written stays.')
  @Delete(':id')
  @Requires('key.manage')
  @AnswersNothing()
  remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.accounts.remove(ctx, id);
  }
}
