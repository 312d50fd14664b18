import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, Public, SignedIn } from '../platform/access/access.decorators.ts';
import { Answers, AnswersNothing } from '../platform/http/openapi.ts';
import type { Caller } from '../platform/access/caller.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  LoginBody,
  LoginResponse,
  ReauthenticateBody,
  RefreshBody,
  RevokeBody,
  SignedInResponse,
  toLoginResponse,
  toSignedInResponse,
} from './auth.dto.ts';
import { AuthService } from './auth.service.ts';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @Public()
  @Answers(200, LoginResponse)
  async login(@Ctx() ctx: TenantContext, @Body() body: LoginBody, @From() caller: Caller): Promise<LoginResponse> {
    return toLoginResponse(await this.auth.login(ctx, body.email, body.password, caller));
  }

  /** Exchanges a refresh token for the next pair. Needs no tenant header: the token says its tenant. */
  @Post('refresh')
  @Public({ tenant: 'optional' })
  @Answers(200, SignedInResponse)
  async refresh(
    @Body() body: RefreshBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<SignedInResponse> {
    return toSignedInResponse(await this.auth.refresh(body.refreshToken, addressed, caller));
  }

  /** Ends the session of the refresh token; its access tokens stop working within a second. */
  @Post('logout')
  @Public({ tenant: 'optional' })
  @AnswersNothing()
  async logout(
    @Body() body: RefreshBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<void> {
    await this.auth.logout(body.refreshToken, addressed, caller);
  }

  /** The same as logout, by the name that RFC 7009 gives it. */
  @Post('revoke')
  @Public({ tenant: 'optional' })
  @AnswersNothing()
  async revoke(
    @Body() body: RevokeBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<void> {
    await this.auth.logout(body.token, addressed, caller);
  }

  /** Proves again who one is, before a change that demands it; good for five minutes. */
  @Post('reauthenticate')
  @SignedIn()
  @DuringEnrolment()
  @ApiBearerAuth()
  @AnswersNothing()
  async reauthenticate(@Ctx() ctx: TenantContext, @Body() body: ReauthenticateBody): Promise<void> {
    await this.auth.reauthenticate(ctx, body.password, body.code);
  }
}
