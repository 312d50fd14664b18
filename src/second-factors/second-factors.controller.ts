import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, NeedsFreshSignIn, SignedIn } from '../platform/access/access.decorators.ts';
import { Answers, AnswersNothing } from '../platform/http/openapi.ts';
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
@ApiBearerAuth()
@Controller('auth/mfa')
@DuringEnrolment()
export class SecondFactorsController {
  constructor(private readonly factors: SecondFactorsService) {}

  /** What stands beside one's password. */
  @Get()
  @SignedIn()
  @Answers(200, SecondFactorsResponse)
  async get(@Ctx() ctx: TenantContext): Promise<SecondFactorsResponse> {
    return toSecondFactorsResponse(await this.factors.find(ctx, ctx.actor.userId!));
  }

  /** Begins to set up an authenticator app (RFC 6238). It counts once a code of it was confirmed. */
  @Post('totp')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, TotpEnrolmentResponse)
  async enrol(@Ctx() ctx: TenantContext): Promise<TotpEnrolmentResponse> {
    return toTotpEnrolmentResponse(await this.factors.enrol(ctx));
  }

  @Post('totp/confirm')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, RecoveryCodesResponse)
  async confirm(@Ctx() ctx: TenantContext, @Body() body: CodeBody): Promise<RecoveryCodesResponse> {
    return { recoveryCodes: await this.factors.confirm(ctx, body.code) };
  }

  @Delete('totp')
  @SignedIn()
  @NeedsFreshSignIn()
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext): Promise<void> {
    await this.factors.removeTotp(ctx);
  }

  /** Ten new ones; those from before no longer work. */
  @Post('recovery-codes')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, RecoveryCodesResponse)
  async renew(@Ctx() ctx: TenantContext): Promise<RecoveryCodesResponse> {
    return { recoveryCodes: await this.factors.renewRecoveryCodes(ctx, ctx.actor.userId!) };
  }
}
