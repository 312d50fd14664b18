import { Global, Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.ts';
import { ActorVerifier } from '../platform/access/actor-verifier.ts';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { ActorsService } from './actors.service.ts';
import { AuthController } from './auth.controller.ts';
import { AuthListeners } from './auth.listeners.ts';
import { AuthService } from './auth.service.ts';
import { JwtStrategy } from './jwt.strategy.ts';
import { SecondFactorsModule } from '../second-factors/second-factors.module.ts';
import { SecondStepsController } from './second-steps.controller.ts';
import { SecondSteps } from './second-steps.service.ts';
import { SessionsController } from './sessions.controller.ts';
import { SessionsService } from './sessions.service.ts';
import { TokenVerifier } from './token-verifier.service.ts';

/**
 * Owns: sessions, refresh tokens; who the actor of a request is.
 * Offers: AuthService; ActorVerifier to the platform (global for that reason).
 * Announces: nothing. Hears: UserDeactivated, PasswordChanged.
 */
@Global()
@Module({
  imports: [ApiKeysModule, PasswordsModule, SecondFactorsModule, SigningKeysModule, UsersModule],
  controllers: [AuthController, SecondStepsController, SessionsController],
  providers: [
    AccessTokens,
    ActorsService,
    SessionsService,
    SecondSteps,
    AuthService,
    AuthListeners,
    JwtStrategy,
    TokenVerifier,
    { provide: ActorVerifier, useExisting: TokenVerifier },
  ],
  exports: [AuthService, ActorVerifier],
})
export class AuthModule {}
