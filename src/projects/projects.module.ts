import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { TeamsModule } from '../teams/teams.module.ts';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectMembersController } from './project-members.controller.ts';
import { ProjectMembersService } from './project-members.service.ts';
import { ProjectTeamsController } from './project-teams.controller.ts';
import { ProjectTeamsService } from './project-teams.service.ts';
import { ProjectsController } from './projects.controller.ts';
import { ProjectsListeners } from './projects.listeners.ts';
import { ProjectsService } from './projects.service.ts';

/**
 * Owns: projects and who is in them with which role: people by name, and teams.
 * Offers: ProjectsService.
 * Announces: ProjectCreated, ProjectUpdated, ProjectDeleted, ProjectRestored, ProjectMemberAdded, ProjectMemberRemoved, ProjectTeamGiven,
 *   ProjectTeamRemoved. Hears: UserDeleted.
 */
@Module({
  imports: [HistoryModule, UsersModule, TeamsModule],
  controllers: [ProjectsController, ProjectMembersController, ProjectTeamsController],
  providers: [ProjectsService, ProjectMembersService, ProjectTeamsService, ProjectsListeners],
  exports: [ProjectsService],
})
export class ProjectsModule {}
