import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { CommentsController } from './comments.controller.ts';
import { CommentsService } from './comments.service.ts';
import { ProjectTasksController } from './project-tasks.controller.ts';
import { TasksController } from './tasks.controller.ts';
import { TasksListeners } from './tasks.listeners.ts';
import { TasksService } from './tasks.service.ts';

/**
 * Owns: tasks, their comments and their history.
 * Offers: TasksService.
 * Announces: TaskCreated, TaskUpdated, TaskAssigned, TaskStatusChanged, TaskDeleted, CommentAdded.
 * Hears: UserDeactivated, ProjectMemberRemoved, ProjectDeleted.
 */
@Module({
  imports: [ProjectsModule, UsersModule],
  controllers: [TasksController, ProjectTasksController, CommentsController],
  providers: [TasksService, CommentsService, TasksListeners],
  exports: [TasksService],
})
export class TasksModule {}
