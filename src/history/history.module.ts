import { Module } from '@nestjs/common';
import { HistoryService } from './history.service.ts';
import { ProjectHistoryService } from './project-history.service.ts';
import { TaskHistoryService } from './task-history.service.ts';

/**
 * Owns: what happened to tasks, projects and what belongs to them, field by field in one table, kept for ever: flow,
 * cycle times and burndown are computed from it.
 * Offers: TaskHistoryService, ProjectHistoryService.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  providers: [HistoryService, TaskHistoryService, ProjectHistoryService],
  exports: [TaskHistoryService, ProjectHistoryService],
})
export class HistoryModule {}
