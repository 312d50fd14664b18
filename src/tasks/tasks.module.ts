import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { ProjectTasksController } from './project-tasks.controller.ts';
import { TaskHistoryService } from './task-history.service.ts';
import { TasksController } from './tasks.controller.ts';
import { TasksListeners } from './tasks.listeners.ts';
import { TasksService } from './tasks.service.ts';

/**
 * Owns: tasks and their history.
 * Offers: TasksService, TaskHistoryService.
 * Announces: TaskCreated, TaskUpdated, TaskAssigned, TaskStatusChanged, TaskDeleted.
 * Hears: UserDeactivated, UserDeleted, TeamMemberRemoved, ProjectMemberRemoved, ProjectTeamRemoved, ProjectDeleted.
 */
@Module({
  imports: [ProjectsModule, UsersModule],
  controllers: [TasksController, ProjectTasksController],
  providers: [TasksService, TaskHistoryService, TasksListeners],
  exports: [TasksService, TaskHistoryService],
})
export class TasksModule {}
