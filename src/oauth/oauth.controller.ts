import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Page } from '../platform/database/page.ts';
import { Answers, AnswersPage, AnswersRedirect, Does } from '../platform/http/openapi.ts';
import { TakesQuery } from '../platform/http/query.guard.ts';
import { AddressedTenant, Ctx, From, type AppReply, type AppRequest } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  ExchangeBody,
  ExchangedResponse,
  ProviderSummaryResponse,
  toDeparture,
  toExchangedResponse,
  toProviderSummary,
} from './oauth.dto.ts';
import { OAuthService } from './oauth.service.ts';
import { cookieText, cookieValue } from './cookies.rules.ts';

@ApiTags('auth')
@Controller('auth/oauth')
export class OAuthController {
  constructor(private readonly oauth: OAuthService) {}

  @Does('List who else vouches for people of the organisation', 'The buttons of a sign-in page.')
  @Get()
  @Public()
  @AnswersPage(ProviderSummaryResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<ProviderSummaryResponse>> {
    return Page.whole(await this.oauth.list(ctx)).map(toProviderSummary);
  }

  @Does('Send the browser to a sign-in provider', 'To be navigated to, not fetched; `?tenant=` names the organisation.')
  @Get(':provider')
  @Public()
  @TakesQuery()
  @ApiQuery({ name: 'returnTo', required: false, schema: { type: 'string' }, description: 'Where to come back to' })
  @ApiQuery({ name: 'codeChallenge', required: false, schema: { type: 'string' }, description: 'S256 of RFC 7636' })
  @AnswersRedirect('The provider')
  async begin(
    @Ctx() ctx: TenantContext,
    @Param('provider') provider: string,
    @Query() query: Record<string, unknown>,
    @Req() { protocol, host }: AppRequest,
    @Res({ passthrough: true }) reply: AppReply,
  ): Promise<void> {
    const wanted = { ...toDeparture(query), origin: `${protocol}://${host}` };
    const { location, cookie } = await this.oauth.begin(ctx, provider, wanted);
    if (cookie) void reply.header('set-cookie', cookieText(cookie.name, cookie.value, cookie));
    void reply.header('location', location).header('cache-control', 'no-store');
  }

  @Does(
    'Take the browser back from a sign-in provider',
    'Where the provider sends it. It goes on to the application with `signInCode`, or `signInError`.',
  )
  @Get(':provider/callback')
  @Public({ tenant: 'optional' })
  @TakesQuery()
  @AnswersRedirect('The application')
  async complete(
    @Param('provider') provider: string,
    @Req() request: AppRequest,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: AppReply,
  ): Promise<void> {
    const query = new URL(request.url, 'http://localhost').searchParams;
    const cookieOf = (name: string) => cookieValue(request.headers.cookie, name);
    const { location, cookie } = await this.oauth.complete(provider, { query, cookieOf }, addressed, caller);
    void reply.header('set-cookie', cookieText(cookie.name, null, { ...cookie, seconds: 0 }));
    void reply.header('location', location).header('cache-control', 'no-store');
  }

  @Does('Exchange the code of the browser for tokens', 'Once.')
  @Post('exchange')
  @Public({ tenant: 'optional' })
  @Answers(200, ExchangedResponse)
  async exchange(
    @Body() body: ExchangeBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<ExchangedResponse> {
    return toExchangedResponse(await this.oauth.exchange(body, addressed, caller));
  }
}
