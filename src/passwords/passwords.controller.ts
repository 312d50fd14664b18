import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Public, SignedIn } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { AnswersNothing } from '../platform/http/openapi.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { ChangePasswordBody, ForgotPasswordBody, ResetPasswordBody } from './passwords.dto.ts';
import { PasswordsService } from './passwords.service.ts';
import { PasswordResets } from './password-resets.service.ts';

@ApiTags('auth')
@Controller('auth/password')
export class PasswordsController {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly resets: PasswordResets,
  ) {}

  /** One's own; all other sessions end. */
  @Post('change')
  @SignedIn()
  @ApiBearerAuth()
  @AnswersNothing()
  async change(@Ctx() ctx: TenantContext, @Body() body: ChangePasswordBody): Promise<void> {
    await this.passwords.change(ctx, body.currentPassword, body.newPassword);
  }

  /** Mails a link to whoever has this address. The answer is the same when nobody has it. */
  @Post('forgot')
  @Public()
  @AnswersNothing()
  async forgot(@Ctx() ctx: TenantContext, @Body() body: ForgotPasswordBody): Promise<void> {
    await this.resets.request(ctx, body.email);
  }

  /** With the token of that mail; every session of the person ends. Needs no tenant header: the token says its tenant. */
  @Post('reset')
  @Public({ tenant: 'optional' })
  @AnswersNothing()
  async reset(
    @Body() body: ResetPasswordBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<void> {
    await this.resets.complete(body.token, body.password, addressed, caller);
  }
}
