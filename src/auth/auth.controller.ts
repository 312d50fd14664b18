import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, Public, SignedIn } from '../platform/access/access.decorators.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
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

  @Does(
    'Sign in with address and password',
    'Answers tokens, or an `mfaToken` for the second step of those who have a second factor.',
  )
  @Post('login')
  @Public()
  @Answers(200, LoginResponse)
  async login(@Ctx() ctx: TenantContext, @Body() body: LoginBody, @From() caller: Caller): Promise<LoginResponse> {
    return toLoginResponse(await this.auth.login(ctx, body.email, body.password, caller));
  }

  @Does(
    'Exchange a refresh token for the next pair of tokens',
    'Each is used once; within ten seconds the same one gets the same successor.',
  )
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

  @Does('Sign out', 'Ends the session of the refresh token; its access tokens stop working within a second.')
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

  @Does('Revoke a refresh token', 'The same as logout, by the name that RFC 7009 gives it.')
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

  @Does('Prove again who you are', 'Before a change that demands it; good for five minutes.')
  @Post('reauthenticate')
  @SignedIn()
  @DuringEnrolment()
  @AnswersNothing()
  async reauthenticate(@Ctx() ctx: TenantContext, @Body() body: ReauthenticateBody): Promise<void> {
    await this.auth.reauthenticate(ctx, body.password, body.code);
  }
}
