import { Module } from '@nestjs/common';
import { EmailAddressesModule } from '../email-addresses/email-addresses.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { OnboardingController } from './onboarding.controller.ts';
import { PlatformOnboardingController } from './platform-onboarding.controller.ts';
import { OnboardingJobs } from './onboarding.jobs.ts';
import { OnboardingService } from './onboarding.service.ts';
import { SignUpProofs } from './sign-up-proofs.service.ts';
import { SignUpService } from './sign-up.service.ts';
import { UnprovedTenants } from './unproved-tenants.service.ts';

/**
 * Owns: sign-up, from the reserved slug to the signed-in owner, and what goes when the owner never proves an address.
 * Offers: OnboardingService, to the operators' commands.
 * Announces: nothing of its own. Hears: nothing.
 */
@Module({
  imports: [UsersModule, EmailAddressesModule],
  controllers: [OnboardingController, PlatformOnboardingController],
  providers: [OnboardingService, SignUpService, SignUpProofs, UnprovedTenants, OnboardingJobs],
  exports: [OnboardingService],
})
export class OnboardingModule {}
