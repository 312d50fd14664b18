import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.ts';
import { MilestonesModule } from '../milestones/milestones.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { ProjectTasksController } from './project-tasks.controller.ts';
import { TaskChangesService } from './task-changes.service.ts';
import { TaskLocksService } from './task-locks.service.ts';
import { TaskReassignmentService } from './task-reassignment.service.ts';
import { TasksController } from './tasks.controller.ts';
import { TasksListeners } from './tasks.listeners.ts';
import { TasksService } from './tasks.service.ts';

/**
 * Owns: tasks.
 * Offers: TasksService; TaskChangesService for those who change tasks because something above them changes;
 *   TaskLocksService for those who change many in one transaction.
 * Announces: TaskCreated, TaskUpdated, TaskAssigned, TaskStatusChanged, TaskMoved, TaskDeleted, TaskRestored.
 * Hears: UserDeactivated, UserDeleted, TeamMemberRemoved, ProjectMemberRemoved, ProjectTeamRemoved, MilestoneDeleted.
 */
@Module({
  imports: [HistoryModule, UsersModule, ProjectsModule, WorkflowsModule, MilestonesModule],
  controllers: [TasksController, ProjectTasksController],
  providers: [TasksService, TaskChangesService, TaskLocksService, TaskReassignmentService, TasksListeners],
  exports: [TasksService, TaskChangesService, TaskLocksService],
})
export class TasksModule {}
