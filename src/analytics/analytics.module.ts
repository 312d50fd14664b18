import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { AnalyticsController } from './analytics.controller.ts';
import { AnalyticsService } from './analytics.service.ts';

/**
 * Owns: the figures of projects; reads others' tables and writes none.
 * Offers: nothing to other modules.
 * Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [ProjectsModule, WorkflowsModule],
  controllers: [AnalyticsController],
  providers: [AnalyticsService],
})
export class AnalyticsModule {}
