import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires, SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  ApiKeyResponse,
  CreateApiKeyBody,
  IssuedApiKeyResponse,
  RotateApiKeyBody,
  UpdateApiKeyBody,
  toApiKeyResponse,
  toIssuedApiKeyResponse,
} from './api-keys.dto.ts';
import { ApiKeysService } from './api-keys.service.ts';

/** One's own keys. */
@ApiTags('api keys')
@Controller('auth/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Does('List your own API keys')
  @Get()
  @SignedIn()
  @AnswersPage(ApiKeyResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<ApiKeyResponse>> {
    return Page.whole(await this.keys.list(ctx, ctx.actor.userId!)).map(toApiKeyResponse);
  }

  @Does(
    'Create an API key',
    'It acts as you, within its scopes and what you may do at the time. Its text is shown this once.',
  )
  @Post()
  @Requires('key.create')
  @NeedsFreshSignIn()
  @Answers(201, IssuedApiKeyResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateApiKeyBody): Promise<IssuedApiKeyResponse> {
    return toIssuedApiKeyResponse(await this.keys.create(ctx, ctx.actor.userId!, body));
  }

  @Does('Read an API key')
  @Get(':id')
  @SignedIn()
  @Answers(200, ApiKeyResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ApiKeyResponse> {
    return toApiKeyResponse(await this.keys.get(ctx, ctx.actor.userId!, id));
  }

  @Does('Change an API key')
  @Patch(':id')
  @SignedIn()
  @TakesIfMatch()
  @Answers(200, ApiKeyResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateApiKeyBody,
    @IfMatch() version?: number,
  ): Promise<ApiKeyResponse> {
    return toApiKeyResponse(await this.keys.update(ctx, id, body, version));
  }

  @Does(
    'Give an API key another text',
    'The one before works for the overlap, so that programs can be changed one by one.',
  )
  @Post(':id/rotation')
  @Requires('key.create')
  @NeedsFreshSignIn()
  @Answers(200, IssuedApiKeyResponse)
  async rotate(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: RotateApiKeyBody,
  ): Promise<IssuedApiKeyResponse> {
    return toIssuedApiKeyResponse(await this.keys.rotate(ctx, ctx.actor.userId!, id, body));
  }

  @Does('Revoke an API key')
  @Delete(':id')
  @SignedIn()
  @AnswersNothing()
  revoke(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.keys.revoke(ctx, ctx.actor.userId!, id);
  }
}
