import { Module } from '@nestjs/common';
import { ProjectHistoryService } from './project-history.service.ts';
import { TaskHistoryService } from './task-history.service.ts';

/**
 * Owns: what happened to tasks and projects, field by field, kept for ever: flow, cycle times and burndown are computed
 * from it.
 * Offers: TaskHistoryService, ProjectHistoryService.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  providers: [TaskHistoryService, ProjectHistoryService],
  exports: [TaskHistoryService, ProjectHistoryService],
})
export class HistoryModule {}
