import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { DependenciesController } from './dependencies.controller.ts';
import { DependenciesService } from './dependencies.service.ts';

/**
 * Owns: which task waits for which.
 * Offers: DependenciesService.
 * Announces: DependencyAdded, DependencyChanged, DependencyRemoved. Hears: nothing.
 */
@Module({
  imports: [HistoryModule, ProjectsModule, TasksModule],
  controllers: [DependenciesController],
  providers: [DependenciesService],
  exports: [DependenciesService],
})
export class DependenciesModule {}
