import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { ServiceAccountsController } from './service-accounts.controller.ts';
import { ServiceAccountsService } from './service-accounts.service.ts';

/**
 * Owns: no table; service accounts are users of that kind.
 * Offers: ServiceAccountsService.
 * Announces: nothing itself. Hears: nothing.
 */
@Module({
  imports: [UsersModule],
  controllers: [ServiceAccountsController],
  providers: [ServiceAccountsService],
  exports: [ServiceAccountsService],
})
export class ServiceAccountsModule {}
