import { Body, Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, NeedsFreshSignIn, SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PasskeysService } from './passkeys.service.ts';
import {
  ChallengeResponse,
  NewPasskeyResponse,
  PasskeyBody,
  PasskeyResponse,
  RenamePasskeyBody,
  toChallengeResponse,
  toPasskeyResponse,
} from './second-factors.dto.ts';

@ApiTags('auth')
@Controller('auth/passkeys')
@DuringEnrolment()
export class PasskeysController {
  constructor(private readonly passkeys: PasskeysService) {}

  @Does('List your passkeys')
  @Get()
  @SignedIn()
  @AnswersPage(PasskeyResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<PasskeyResponse>> {
    return Page.whole(await this.passkeys.list(ctx)).map(toPasskeyResponse);
  }

  @Does('Get what the browser needs to make a passkey')
  @Post('registration-options')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(200)
  @Answers(200, ChallengeResponse)
  async beginRegistration(@Ctx() ctx: TenantContext): Promise<ChallengeResponse> {
    return toChallengeResponse(await this.passkeys.beginRegistration(ctx));
  }

  @Does(
    'Add a passkey',
    "With the browser's answer to the registration options. Answers recovery codes too, if it is your first second factor.",
  )
  @Post()
  @SignedIn()
  @NeedsFreshSignIn()
  @Answers(201, NewPasskeyResponse)
  async register(@Ctx() ctx: TenantContext, @Body() body: PasskeyBody): Promise<NewPasskeyResponse> {
    const { passkey, recoveryCodes } = await this.passkeys.register(ctx, body);
    return { ...toPasskeyResponse(passkey), recoveryCodes };
  }

  @Does('Rename a passkey')
  @Patch(':id')
  @SignedIn()
  @Answers(200, PasskeyResponse)
  async rename(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: RenamePasskeyBody,
  ): Promise<PasskeyResponse> {
    return toPasskeyResponse(await this.passkeys.rename(ctx, id, body.name));
  }

  @Does('Remove a passkey', 'Refused when it is the last second factor and the password is too short to stand alone.')
  @Delete(':id')
  @SignedIn()
  @NeedsFreshSignIn()
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.passkeys.remove(ctx, id);
  }
}
