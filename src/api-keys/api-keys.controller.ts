import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires, SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, AnswersNothing, AnswersPage } from '../platform/http/openapi.ts';
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
@ApiBearerAuth()
@Controller('auth/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @SignedIn()
  @AnswersPage(ApiKeyResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<ApiKeyResponse>> {
    return Page.whole(await this.keys.list(ctx, ctx.actor.userId!)).map(toApiKeyResponse);
  }

  /** Makes a key that acts as oneself, within its scopes and what one may do at the time. */
  @Post()
  @Requires('key.create')
  @NeedsFreshSignIn()
  @Answers(201, IssuedApiKeyResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateApiKeyBody): Promise<IssuedApiKeyResponse> {
    return toIssuedApiKeyResponse(await this.keys.create(ctx, ctx.actor.userId!, body));
  }

  @Get(':id')
  @SignedIn()
  @Answers(200, ApiKeyResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<ApiKeyResponse> {
    return toApiKeyResponse(await this.keys.get(ctx, ctx.actor.userId!, id));
  }

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

  /** Gives the key another text; the one before works for the overlap, so that programs can be changed one by one. */
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

  @Delete(':id')
  @SignedIn()
  @AnswersNothing()
  revoke(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.keys.revoke(ctx, ctx.actor.userId!, id);
  }
}
