import { Module } from '@nestjs/common';
import { RolesModule } from '../roles/roles.module.ts';
import { SignInPageController } from './sign-in-page.controller.ts';
import { SignInProvidersController } from './sign-in-providers.controller.ts';
import { SignInProvidersService } from './sign-in-providers.service.ts';

/**
 * Owns: the sign-in providers of an organisation, and whether passwords are still taken beside them.
 * Offers: SignInProvidersService.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [RolesModule],
  controllers: [SignInProvidersController, SignInPageController],
  providers: [SignInProvidersService],
  exports: [SignInProvidersService],
})
export class SignInProvidersModule {}
