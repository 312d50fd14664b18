import { Global, Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.ts';
import { ActorVerifier } from '../platform/access/actor-verifier.ts';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { SignInProvidersModule } from '../sign-in-providers/sign-in-providers.module.ts';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.ts';
import { SessionsModule } from '../sessions/sessions.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { AuthController } from './auth.controller.ts';
import { AuthService } from './auth.service.ts';
import { JwtStrategy } from './jwt.strategy.ts';
import { SecondFactorsModule } from '../second-factors/second-factors.module.ts';
import { SecondStepsController } from './second-steps.controller.ts';
import { SecondSteps } from './second-steps.service.ts';
import { TokenVerifier } from './token-verifier.service.ts';

/**
 * Owns: how a sign-in goes, access tokens, who the actor of a request is.
 * Offers: AuthService; ActorVerifier to the platform (global for that reason).
 * Announces: nothing. Hears: nothing.
 */
@Global()
@Module({
  imports: [
    ApiKeysModule,
    PasswordsModule,
    SecondFactorsModule,
    SessionsModule,
    SignInProvidersModule,
    SigningKeysModule,
    UsersModule,
  ],
  controllers: [AuthController, SecondStepsController],
  providers: [
    AccessTokens,
    SecondSteps,
    AuthService,
    JwtStrategy,
    TokenVerifier,
    { provide: ActorVerifier, useExisting: TokenVerifier },
  ],
  exports: [AuthService, ActorVerifier],
})
export class AuthModule {}
