import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { PasskeysController } from './passkeys.controller.ts';
import { PasskeysService } from './passkeys.service.ts';
import { SecondFactorsController } from './second-factors.controller.ts';
import { SecondFactorsService } from './second-factors.service.ts';
import { SecurityPolicyController } from './security-policy.controller.ts';
import { SecurityPolicyService } from './security-policy.service.ts';

/**
 * Owns: authenticator apps, recovery codes, passkeys, and of whom they are demanded.
 * Offers: SecondFactorsService, PasskeysService.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [PasswordsModule],
  controllers: [SecondFactorsController, PasskeysController, SecurityPolicyController],
  providers: [SecondFactorsService, PasskeysService, SecurityPolicyService],
  exports: [SecondFactorsService, PasskeysService],
})
export class SecondFactorsModule {}
