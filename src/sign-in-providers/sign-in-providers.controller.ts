import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  CreateSignInProviderBody,
  SignInProviderResponse,
  UpdateSignInProviderBody,
  toSignInProviderResponse,
} from './sign-in-providers.dto.ts';
import { SignInProvidersService } from './sign-in-providers.service.ts';

/** Who besides us may vouch for the people of the organisation. */
@ApiTags('organisation')
@Controller('tenants/current/sign-in-providers')
export class SignInProvidersController {
  constructor(private readonly providers: SignInProvidersService) {}

  @Does('List the sign-in providers with their settings', 'Oldest first, without their secrets.')
  @Get()
  @Requires('tenant.security')
  @AnswersPage(SignInProviderResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<SignInProviderResponse>> {
    return Page.whole(await this.providers.list(ctx)).map(toSignInProviderResponse);
  }

  @Does('Add a sign-in provider', 'By owners alone.')
  @Post()
  @Requires('tenant.security')
  @NeedsFreshSignIn()
  @Answers(201, SignInProviderResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateSignInProviderBody): Promise<SignInProviderResponse> {
    return toSignInProviderResponse(await this.providers.create(ctx, body));
  }

  @Does('Read a sign-in provider')
  @Get(':id')
  @Requires('tenant.security')
  @Answers(200, SignInProviderResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<SignInProviderResponse> {
    return toSignInProviderResponse(await this.providers.get(ctx, id));
  }

  @Does(
    'Change a sign-in provider',
    'By owners alone. Kind, issuer and directory stay, because people are known by what these call them: make another provider instead.',
  )
  @Patch(':id')
  @Requires('tenant.security')
  @NeedsFreshSignIn()
  @TakesIfMatch()
  @Answers(200, SignInProviderResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateSignInProviderBody,
    @IfMatch() version?: number,
  ): Promise<SignInProviderResponse> {
    return toSignInProviderResponse(await this.providers.update(ctx, id, body, version));
  }

  @Does(
    'Remove a sign-in provider',
    'By owners alone. Those who signed in by it need another way; their sessions go on.',
  )
  @Delete(':id')
  @Requires('tenant.security')
  @NeedsFreshSignIn()
  @AnswersNothing()
  remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    return this.providers.remove(ctx, id);
  }
}
