import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { RolesModule } from '../roles/roles.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { PermissionsController } from './permissions.controller.ts';
import { PermissionsService } from './permissions.service.ts';
import { UserPermissionsController } from './user-permissions.controller.ts';

/**
 * Owns: nothing; it shows what can be permitted, and what somebody's roles in the organisation and in projects add up to.
 * Offers: nothing to other modules.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [UsersModule, RolesModule, ProjectsModule],
  controllers: [PermissionsController, UserPermissionsController],
  providers: [PermissionsService],
})
export class PermissionsModule {}
