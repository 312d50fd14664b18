import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { BoardsController } from './boards.controller.ts';
import { BoardsService } from './boards.service.ts';

/**
 * Owns: nothing; shows the tasks of a project in the columns of its workflow, and replaces the workflow under them.
 * Offers: nothing to other modules.
 * Announces: WorkflowReplaced. Hears: nothing.
 */
@Module({
  imports: [HistoryModule, ProjectsModule, WorkflowsModule, TasksModule],
  controllers: [BoardsController],
  providers: [BoardsService],
})
export class BoardsModule {}
