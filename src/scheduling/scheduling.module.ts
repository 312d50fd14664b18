import { Module } from '@nestjs/common';
import { CalendarsModule } from '../calendars/calendars.module.ts';
import { DependenciesModule } from '../dependencies/dependencies.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { SchedulingController } from './scheduling.controller.ts';
import { SchedulingService } from './scheduling.service.ts';

/**
 * Owns: when tasks can be done (docs/scheduling.md); reads tasks, milestones and projects, and has no table.
 * Offers: SchedulingService.
 * Announces: nothing; what it writes the tasks announce. Hears: nothing.
 */
@Module({
  imports: [CalendarsModule, DependenciesModule, ProjectsModule, TasksModule],
  controllers: [SchedulingController],
  providers: [SchedulingService],
  exports: [SchedulingService],
})
export class SchedulingModule {}
