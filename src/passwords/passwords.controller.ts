import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public, SignedIn } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import { AnswersNothing, Does } from '../platform/http/openapi.ts';
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

  @Does('Change your own password', 'All your other sessions end.')
  @Post('change')
  @SignedIn()
  @AnswersNothing()
  async change(@Ctx() ctx: TenantContext, @Body() body: ChangePasswordBody): Promise<void> {
    await this.passwords.change(ctx, body.currentPassword, body.newPassword);
  }

  @Does(
    'Ask for a mail to choose a new password',
    'It goes to whoever has this address. The answer is the same when nobody has it.',
  )
  @Post('forgot')
  @Public()
  @AnswersNothing()
  async forgot(@Ctx() ctx: TenantContext, @Body() body: ForgotPasswordBody): Promise<void> {
    await this.resets.request(ctx, body.email);
  }

  @Does('Choose a new password with the token of the mail', 'Every session of the person ends.')
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
