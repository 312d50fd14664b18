import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SignedTokens } from './signed-tokens.service.ts';
import { SigningKey } from './signing-key.entity.ts';
import { SigningKeysController } from './signing-keys.controller.ts';
import { SigningKeysService } from './signing-keys.service.ts';

/**
 * Owns: signing keys, the JWKS. Offers: SignedTokens, which signs and verifies, and SigningKeysService.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [TypeOrmModule.forFeature([SigningKey])],
  controllers: [SigningKeysController],
  providers: [SigningKeysService, SignedTokens],
  exports: [SigningKeysService, SignedTokens],
})
export class SigningKeysModule {}
