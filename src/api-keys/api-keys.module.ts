import { Module } from '@nestjs/common';
import { ServiceAccountsModule } from '../service-accounts/service-accounts.module.ts';
import { ApiKeyStrategy } from './api-key.strategy.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { ApiKeysListeners } from './api-keys.listeners.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { ServiceAccountKeysController } from './service-account-keys.controller.ts';
import { ServiceAccountKeys } from './service-account-keys.service.ts';

/**
 * Owns: API keys, and how one is read from a request (the strategy `api-key`).
 * Offers: ApiKeysService.
 * Announces: nothing. Hears: UserDeactivated, UserDeleted.
 */
@Module({
  imports: [ServiceAccountsModule],
  controllers: [ApiKeysController, ServiceAccountKeysController],
  providers: [ApiKeysService, ServiceAccountKeys, ApiKeysListeners, ApiKeyStrategy],
  exports: [ApiKeysService],
})
export class ApiKeysModule {}
