import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { MilestonesController } from './milestones.controller.ts';
import { MilestonesService } from './milestones.service.ts';
import { ProjectMilestonesController } from './project-milestones.controller.ts';

/**
 * Owns: milestones of projects.
 * Offers: MilestonesService.
 * Announces: MilestoneCreated, MilestoneChanged, MilestoneDeleted. Hears: nothing.
 */
@Module({
  imports: [HistoryModule, ProjectsModule],
  controllers: [ProjectMilestonesController, MilestonesController],
  providers: [MilestonesService],
  exports: [MilestonesService],
})
export class MilestonesModule {}
