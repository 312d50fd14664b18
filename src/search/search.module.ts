import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { SearchController } from './search.controller.ts';
import { SearchJobs } from './search.jobs.ts';
import { SearchListeners } from './search.listeners.ts';
import { SearchService } from './search.service.ts';
import { SearchSettingsService } from './search-settings.service.ts';

/**
 * Owns: what searches know of tasks, projects and comments, kept by triggers, and the language they are searched in.
 * Offers: nothing to other modules; lists look words up in the same table.
 * Announces: SearchLanguageChanged. Hears: SearchLanguageChanged, for a job is sent when its cause is stored.
 */
@Module({
  imports: [ProjectsModule, TasksModule],
  controllers: [SearchController],
  providers: [SearchService, SearchSettingsService, SearchListeners, SearchJobs],
})
export class SearchModule {}
