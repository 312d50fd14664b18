import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { ActivityController } from './activity.controller.ts';
import { ActivityService } from './activity.service.ts';

/**
 * Owns: nothing; tells what happened in a project from the histories below.
 * Offers: nothing to other modules.
 * Announces: nothing. Hears: nothing.
 */
@Module({ imports: [ProjectsModule, TasksModule], controllers: [ActivityController], providers: [ActivityService] })
export class ActivityModule {}
