import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { PasswordHasher } from './password-hasher.ts';
import { SecretBox } from './secret-box.ts';

/** Owns: how secrets are kept. Offers: PasswordHasher, SecretBox. */
@Global()
@Module({
  providers: [
    PasswordHasher,
    {
      provide: SecretBox,
      inject: [CONFIG],
      useFactory: (config: Config) => new SecretBox(config.ENCRYPTION_KEY!, config.OLD_ENCRYPTION_KEY),
    },
  ],
  exports: [PasswordHasher, SecretBox],
})
export class CryptoModule {}
