import { Module } from '@nestjs/common';
import { CalendarsModule } from '../calendars/calendars.module.ts';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { OverAllocationsService } from './over-allocations.service.ts';
import { ResourcesController } from './resources.controller.ts';
import { ResourcesListeners } from './resources.listeners.ts';
import { ResourcesService } from './resources.service.ts';
import { UtilizationController } from './utilization.controller.ts';
import { UtilizationService } from './utilization.service.ts';

/**
 * Owns: how much of whose time a project has been promised; reads time entries, to compare it with what was worked.
 * Offers: nothing to other modules. Announces: nothing.
 * Hears: UserDeactivated, UserDeleted, ProjectMemberRemoved, ProjectTeamRemoved, TeamMemberRemoved.
 */
@Module({
  imports: [CalendarsModule, HistoryModule, ProjectsModule, UsersModule],
  controllers: [ResourcesController, UtilizationController],
  providers: [ResourcesService, UtilizationService, OverAllocationsService, ResourcesListeners],
})
export class ResourcesModule {}
