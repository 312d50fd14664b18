import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  ApiKeyResponse,
  CreateApiKeyBody,
  IssuedApiKeyResponse,
  RotateApiKeyBody,
  toApiKeyResponse,
  toIssuedApiKeyResponse,
} from './api-keys.dto.ts';
import { ServiceAccountKeys } from './service-account-keys.service.ts';

@ApiTags('service accounts')
@Controller('service-accounts/:id/api-keys')
export class ServiceAccountKeysController {
  constructor(private readonly keys: ServiceAccountKeys) {}

  @Does('List the keys of a service account')
  @Get()
  @Requires('key.manage')
  @AnswersPage(ApiKeyResponse)
  async list(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<Page<ApiKeyResponse>> {
    return Page.whole(await this.keys.list(ctx, id)).map(toApiKeyResponse);
  }

  @Does(
    'Create a key for a service account',
    'It acts as the account, within scopes that you have yourself. Its text is shown this once.',
  )
  @Post()
  @Requires('key.manage')
  @NeedsFreshSignIn()
  @Answers(201, IssuedApiKeyResponse)
  async create(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: CreateApiKeyBody,
  ): Promise<IssuedApiKeyResponse> {
    return toIssuedApiKeyResponse(await this.keys.create(ctx, id, body));
  }

  @Does('Read a key of a service account')
  @Get(':keyId')
  @Requires('key.manage')
  @Answers(200, ApiKeyResponse)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('keyId') keyId: string,
  ): Promise<ApiKeyResponse> {
    return toApiKeyResponse(await this.keys.get(ctx, id, keyId));
  }

  @Does(
    'Give a key of a service account another text',
    'The one before works for the overlap, so that programs can be changed one by one.',
  )
  @Post(':keyId/rotation')
  @Requires('key.manage')
  @NeedsFreshSignIn()
  @Answers(200, IssuedApiKeyResponse)
  async rotate(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @IdParam('keyId') keyId: string,
    @Body() body: RotateApiKeyBody,
  ): Promise<IssuedApiKeyResponse> {
    return toIssuedApiKeyResponse(await this.keys.rotate(ctx, id, keyId, body));
  }

  @Does('Revoke a key of a service account')
  @Delete(':keyId')
  @Requires('key.manage')
  @AnswersNothing()
  revoke(@Ctx() ctx: TenantContext, @IdParam() id: string, @IdParam('keyId') keyId: string): Promise<void> {
    return this.keys.revoke(ctx, id, keyId);
  }
}
