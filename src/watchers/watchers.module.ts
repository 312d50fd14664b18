import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { WatchersController } from './watchers.controller.ts';
import { WatchersListeners } from './watchers.listeners.ts';
import { WatchersService } from './watchers.service.ts';

/**
 * Owns: who watches which task.
 * Offers: nothing to other modules.
 * Announces: WatcherAdded, WatcherRemoved. Hears: UserDeleted.
 */
@Module({
  imports: [ProjectsModule, TasksModule],
  controllers: [WatchersController],
  providers: [WatchersService, WatchersListeners],
})
export class WatchersModule {}
