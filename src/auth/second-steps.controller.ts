import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  CodeStepBody,
  PasskeyLoginBody,
  PasskeyStepBody,
  SecondStepBody,
  SignInChallengeResponse,
  SignedInResponse,
  toSignInChallengeResponse,
  toSignedInResponse,
} from './auth.dto.ts';
import { AuthService } from './auth.service.ts';
import { SecondSteps, type Proof } from './second-steps.service.ts';

/** Sign-ins that take more than a password, or none. The token of the first step says its tenant. */
@ApiTags('auth')
@Controller('auth')
export class SecondStepsController {
  constructor(
    private readonly auth: AuthService,
    private readonly steps: SecondSteps,
  ) {}

  @Does('Finish a sign-in with a code of the authenticator app')
  @Post('mfa/totp/verify')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, SignedInResponse)
  verifyTotp(
    @Body() { mfaToken, code }: CodeStepBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<SignedInResponse> {
    return this.#finish(mfaToken, { kind: 'totp', code }, addressed, caller);
  }

  @Does('Finish a sign-in with a recovery code', 'It is used up.')
  @Post('mfa/recovery-codes/verify')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, SignedInResponse)
  verifyRecoveryCode(
    @Body() { mfaToken, code }: CodeStepBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<SignedInResponse> {
    return this.#finish(mfaToken, { kind: 'recovery_code', code }, addressed, caller);
  }

  @Does('Get what the browser needs for a passkey as second factor')
  @Post('mfa/passkeys/options')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, SignInChallengeResponse)
  async challenge(
    @Body() body: SecondStepBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<SignInChallengeResponse> {
    return toSignInChallengeResponse(await this.steps.challenge(body.mfaToken, addressed, caller));
  }

  @Does('Finish a sign-in with a passkey')
  @Post('mfa/passkeys/verify')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, SignedInResponse)
  verifyPasskey(
    @Body() { mfaToken, challengeToken, response }: PasskeyStepBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<SignedInResponse> {
    return this.#finish(mfaToken, { kind: 'passkey', challengeToken, response }, addressed, caller);
  }

  @Does('Get what the browser needs to sign in with a passkey alone')
  @Post('passkeys/options')
  @Public()
  @HttpCode(200)
  @Answers(200, SignInChallengeResponse)
  async options(@Ctx() ctx: TenantContext): Promise<SignInChallengeResponse> {
    return toSignInChallengeResponse(await this.steps.beginPasskey(ctx));
  }

  @Does('Sign in with a passkey alone', 'No password, no second step.')
  @Post('passkeys/sign-in')
  @Public()
  @HttpCode(200)
  @Answers(200, SignedInResponse)
  async signIn(
    @Ctx() ctx: TenantContext,
    @Body() body: PasskeyLoginBody,
    @From() caller: Caller,
  ): Promise<SignedInResponse> {
    return toSignedInResponse(await this.auth.loginByPasskey(ctx, body.challengeToken, body.response, caller));
  }

  async #finish(mfaToken: string, proof: Proof, addressed: Tenant | null, caller: Caller): Promise<SignedInResponse> {
    return toSignedInResponse(await this.auth.finishLogin(mfaToken, proof, addressed, caller));
  }
}
