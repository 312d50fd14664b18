import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, NeedsFreshSignIn, SignedIn } from '../platform/access/access.decorators.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  CodeBody,
  RecoveryCodesResponse,
  SecondFactorsResponse,
  TotpEnrolmentResponse,
  toSecondFactorsResponse,
  toTotpEnrolmentResponse,
} from './second-factors.dto.ts';
import { SecondFactorsService } from './second-factors.service.ts';

@ApiTags('auth')
@Controller('auth/mfa')
@DuringEnrolment()
export class SecondFactorsController {
  constructor(private readonly factors: SecondFactorsService) {}

  @Does('Read which second factors you have')
  @Get()
  @SignedIn()
  @Answers(200, SecondFactorsResponse)
  async get(@Ctx() ctx: TenantContext): Promise<SecondFactorsResponse> {
    return toSecondFactorsResponse(await this.factors.find(ctx, ctx.actor.userId!));
  }

  @Does('Begin to set up an authenticator app', 'By RFC 6238. It counts once a code of it was confirmed.')
  @Post('totp')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, TotpEnrolmentResponse)
  async enrol(@Ctx() ctx: TenantContext): Promise<TotpEnrolmentResponse> {
    return toTotpEnrolmentResponse(await this.factors.enrol(ctx));
  }

  @Does('Confirm the authenticator app with a first code', 'Answers recovery codes, which are shown this once.')
  @Post('totp/confirm')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, RecoveryCodesResponse)
  async confirm(@Ctx() ctx: TenantContext, @Body() body: CodeBody): Promise<RecoveryCodesResponse> {
    return { recoveryCodes: await this.factors.confirm(ctx, body.code) };
  }

  @Does(
    'Remove your authenticator app',
    'Refused when it is the last second factor and the password is too short to stand alone.',
  )
  @Delete('totp')
  @SignedIn()
  @NeedsFreshSignIn()
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext): Promise<void> {
    await this.factors.removeTotp(ctx);
  }

  @Does('Create ten new recovery codes', 'Those from before no longer work.')
  @Post('recovery-codes')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, RecoveryCodesResponse)
  async renew(@Ctx() ctx: TenantContext): Promise<RecoveryCodesResponse> {
    return { recoveryCodes: await this.factors.renewRecoveryCodes(ctx, ctx.actor.userId!) };
  }
}
