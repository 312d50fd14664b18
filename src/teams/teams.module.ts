import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { TeamMembersController } from './team-members.controller.ts';
import { TeamsController } from './teams.controller.ts';
import { TeamsListeners } from './teams.listeners.ts';
import { TeamsService } from './teams.service.ts';
import { UserTeamsController } from './user-teams.controller.ts';

/**
 * Owns: teams and who is in them.
 * Offers: TeamsService.
 * Announces: TeamCreated, TeamUpdated, TeamDeleted, TeamMemberAdded, TeamMemberRemoved. Hears: UserDeleted.
 */
@Module({
  imports: [UsersModule],
  controllers: [TeamsController, TeamMembersController, UserTeamsController],
  providers: [TeamsService, TeamsListeners],
  exports: [TeamsService],
})
export class TeamsModule {}
