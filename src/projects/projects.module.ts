import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { ProjectMembersController } from './project-members.controller.ts';
import { ProjectsController } from './projects.controller.ts';
import { ProjectsService } from './projects.service.ts';

/**
 * Owns: projects and who is a member of them with which role.
 * Offers: ProjectsService.
 * Announces: ProjectCreated, ProjectUpdated, ProjectDeleted, ProjectMemberAdded, ProjectMemberRemoved. Hears: nothing.
 */
@Module({
  imports: [UsersModule],
  controllers: [ProjectsController, ProjectMembersController],
  providers: [ProjectsService],
  exports: [ProjectsService],
})
export class ProjectsModule {}
