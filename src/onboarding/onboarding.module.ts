import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { OnboardingController } from './onboarding.controller.ts';
import { PlatformOnboardingController } from './platform-onboarding.controller.ts';
import { OnboardingService } from './onboarding.service.ts';

/**
 * Owns: sign-up, from the reserved slug to the signed-in owner.
 * Offers: OnboardingService, to the operators' commands.
 * Announces: nothing of its own. Hears: nothing.
 */
@Module({
  imports: [UsersModule],
  controllers: [OnboardingController, PlatformOnboardingController],
  providers: [OnboardingService],
  exports: [OnboardingService],
})
export class OnboardingModule {}
