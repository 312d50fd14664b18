import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { CommentReactionsController } from './comment-reactions.controller.ts';
import { CommentReactionsService } from './comment-reactions.service.ts';
import { CommentsController } from './comments.controller.ts';
import { CommentsService } from './comments.service.ts';
import { MentionsService } from './mentions.service.ts';

/**
 * Owns: comments on tasks with their former texts, whom they mention, and reactions to them.
 * Offers: CommentsService.
 * Announces: CommentAdded, CommentEdited, CommentDeleted, UserMentioned, ReactionAdded, ReactionRemoved. Hears: nothing.
 */
@Module({
  imports: [HistoryModule, TasksModule],
  controllers: [CommentsController, CommentReactionsController],
  providers: [CommentsService, CommentReactionsService, MentionsService],
  exports: [CommentsService],
})
export class CommentsModule {}
