import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Public, SignedIn } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { Answers, AnswersNothing } from '../platform/http/openapi.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { ChangeEmailBody, EmailChangeResponse, EmailTokenBody } from './email-addresses.dto.ts';
import { EmailAddressesService } from './email-addresses.service.ts';

@ApiTags('users')
@Controller()
export class EmailAddressesController {
  constructor(private readonly addresses: EmailAddressesService) {}

  /** Wants another address. Links go to both; until both were confirmed, within an hour, the old one stays. */
  @Post('users/me/email')
  @SignedIn()
  @NeedsFreshSignIn()
  @ApiBearerAuth()
  @HttpCode(202)
  @Answers(202, EmailChangeResponse)
  change(@Ctx() ctx: TenantContext, @Body() body: ChangeEmailBody): Promise<EmailChangeResponse> {
    return this.addresses.requestChange(ctx, body.email);
  }

  /** Wants to keep the old address after all. */
  @Delete('users/me/email')
  @SignedIn()
  @ApiBearerAuth()
  @AnswersNothing()
  async cancel(@Ctx() ctx: TenantContext): Promise<void> {
    await this.addresses.cancelChange(ctx);
  }

  /** Mails a link to one's own address that shows that mails arrive. */
  @Post('users/me/email/verification')
  @SignedIn()
  @ApiBearerAuth()
  @AnswersNothing()
  async askToVerify(@Ctx() ctx: TenantContext): Promise<void> {
    await this.addresses.requestVerification(ctx);
  }

  /** With the token of that mail. Needs no tenant header: the token says its tenant. */
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

  /** With the token of one of the two mails of a change. */
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
