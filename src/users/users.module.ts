import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { RolesModule } from '../roles/roles.module.ts';
import { SecondFactorsModule } from '../second-factors/second-factors.module.ts';
import { AddressCompletion } from './address-completion.service.ts';
import { OperatedUsers } from './operated-users.service.ts';
import { PlatformUsersController } from './platform-users.controller.ts';
import { UserDeletion } from './user-deletion.service.ts';
import { UsersController } from './users.controller.ts';
import { UsersJobs } from './users.jobs.ts';
import { UsersService } from './users.service.ts';

/**
 * Owns: the people of an organisation and which roles they have.
 * Offers: UsersService; OperatedUsers, to the operators' commands.
 * Announces: UserCreated, UserDeactivated, UserDeleted. Hears: nothing.
 */
@Module({
  imports: [PasswordsModule, RolesModule, SecondFactorsModule],
  controllers: [UsersController, PlatformUsersController],
  providers: [UsersService, UserDeletion, OperatedUsers, AddressCompletion, UsersJobs],
  exports: [UsersService, OperatedUsers],
})
export class UsersModule {}
