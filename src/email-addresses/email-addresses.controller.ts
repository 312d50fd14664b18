import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Public, SignedIn } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { ChangeEmailBody, EmailChangeResponse, EmailTokenBody } from './email-addresses.dto.ts';
import { EmailAddressesService } from './email-addresses.service.ts';

@ApiTags('users')
@Controller()
export class EmailAddressesController {
  constructor(private readonly addresses: EmailAddressesService) {}

  @Does(
    'Ask for another e-mail address',
    'Links go to both addresses; until both were confirmed, within an hour, the old one stays.',
  )
  @Post('users/me/email')
  @SignedIn()
  @NeedsFreshSignIn()
  @HttpCode(202)
  @Answers(202, EmailChangeResponse)
  change(@Ctx() ctx: TenantContext, @Body() body: ChangeEmailBody): Promise<EmailChangeResponse> {
    return this.addresses.requestChange(ctx, body.email);
  }

  @Does('Keep the old e-mail address after all')
  @Delete('users/me/email')
  @SignedIn()
  @AnswersNothing()
  async cancel(@Ctx() ctx: TenantContext): Promise<void> {
    await this.addresses.cancelChange(ctx);
  }

  @Does('Ask for a mail that verifies your address')
  @Post('users/me/email/verification')
  @SignedIn()
  @AnswersNothing()
  async askToVerify(@Ctx() ctx: TenantContext): Promise<void> {
    await this.addresses.requestVerification(ctx);
  }

  @Does('Verify an e-mail address with the token of the mail')
  @Post('auth/email/verify')
  @Public({ tenant: 'optional' })
  @AnswersNothing()
  async verify(
    @Body() body: EmailTokenBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<void> {
    await this.addresses.verify(body.token, addressed, caller);
  }

  @Does(
    'Confirm a change of address with the token of a mail',
    'With that of one of the two mails; the address changes when both were confirmed.',
  )
  @Post('auth/email/confirm')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, EmailChangeResponse)
  confirm(
    @Body() body: EmailTokenBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<EmailChangeResponse> {
    return this.addresses.confirmChange(body.token, addressed, caller);
  }
}
