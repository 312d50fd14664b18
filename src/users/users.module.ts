import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { RolesModule } from '../roles/roles.module.ts';
import { SecondFactorsModule } from '../second-factors/second-factors.module.ts';
import { UserDeletion } from './user-deletion.service.ts';
import { UsersController } from './users.controller.ts';
import { UsersService } from './users.service.ts';

/**
 * Owns: the people of an organisation and which roles they have.
 * Offers: UsersService.
 * Announces: UserCreated, UserDeactivated, UserDeleted. Hears: nothing.
 */
@Module({
  imports: [PasswordsModule, RolesModule, SecondFactorsModule],
  controllers: [UsersController],
  providers: [UsersService, UserDeletion],
  exports: [UsersService],
})
export class UsersModule {}
