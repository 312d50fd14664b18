import { Module } from '@nestjs/common';
import { WorkflowsService } from './workflows.service.ts';

/**
 * Owns: how the tasks of each project move: statuses with their meaning, transitions, and limits of work in progress.
 * Offers: WorkflowsService.
 * Announces: nothing. Hears: nothing.
 */
@Module({ providers: [WorkflowsService], exports: [WorkflowsService] })
export class WorkflowsModule {}
