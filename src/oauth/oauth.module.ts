import { Module } from '@nestjs/common';
import { InvitationsModule } from '../invitations/invitations.module.ts';
import { SignInProvidersModule } from '../sign-in-providers/sign-in-providers.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { IdentitiesService } from './identities.service.ts';
import { OAuthController } from './oauth.controller.ts';
import { OAuthListeners } from './oauth.listeners.ts';
import { OAuthService } from './oauth.service.ts';
import { ProviderClients } from './provider-clients.service.ts';
import { SignInTokens } from './sign-in-tokens.service.ts';

/**
 * Owns: sign-ins at providers that are under way, and who is who there.
 * Offers: nothing. Announces: nothing itself. Hears: UserDeleted.
 */
@Module({
  imports: [InvitationsModule, SignInProvidersModule, UsersModule],
  controllers: [OAuthController],
  providers: [SignInTokens, OAuthService, ProviderClients, IdentitiesService, OAuthListeners],
})
export class OAuthModule {}
