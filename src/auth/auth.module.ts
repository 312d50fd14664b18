import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeysModule } from '../api-keys/api-keys.module.ts';
import { ActorVerifier } from '../platform/access/actor-verifier.ts';
import { SignInProvidersModule } from '../sign-in-providers/sign-in-providers.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { ActorsService } from './actors.service.ts';
import { AuthController } from './auth.controller.ts';
import { AuthListeners } from './auth.listeners.ts';
import { AuthService } from './auth.service.ts';
import { JwksController } from './jwks.controller.ts';
import { JwtStrategy } from './jwt.strategy.ts';
import { SessionsService } from './sessions.service.ts';
import { SigningKey } from './signing-key.entity.ts';
import { SigningKeysService } from './signing-keys.service.ts';
import { TokenVerifier } from './token-verifier.service.ts';

/**
 * Owns: signing keys, sessions, refresh tokens; who the actor of a request is.
 * Offers: AuthService; ActorVerifier to the platform (global for that reason).
 * Announces: nothing. Hears: UserDeactivated.
 */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([SigningKey]), UsersModule, ApiKeysModule, SignInProvidersModule],
  controllers: [AuthController, JwksController],
  providers: [
    SigningKeysService,
    AccessTokens,
    ActorsService,
    SessionsService,
    AuthService,
    AuthListeners,
    JwtStrategy,
    TokenVerifier,
    { provide: ActorVerifier, useExisting: TokenVerifier },
  ],
  exports: [AuthService, ActorVerifier],
})
export class AuthModule {}
