import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.ts';
import { AvatarsModule } from '../avatars/avatars.module.ts';
import { CommentsModule } from '../comments/comments.module.ts';
import { HistoryModule } from '../history/history.module.ts';
import { SessionsModule } from '../sessions/sessions.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { AttachmentUploads } from './attachment-uploads.service.ts';
import { AttachmentsController } from './attachments.controller.ts';
import { AttachmentsJobs } from './attachments.jobs.ts';
import { AttachmentsListeners } from './attachments.listeners.ts';
import { AttachmentsService } from './attachments.service.ts';
import { FileInspection } from './file-inspection.service.ts';
import { FileLinksController } from './file-links.controller.ts';
import { FileLinksService } from './file-links.service.ts';

/**
 * Owns: files that are attached to tasks and their comments, and links to them.
 * Offers: nothing to other modules.
 * Announces: AttachmentAdded, AttachmentRemoved. Hears: AttachmentRemoved, CommentDeleted.
 */
@Module({
  imports: [HistoryModule, TasksModule, CommentsModule, SessionsModule, ApiKeysModule, AvatarsModule],
  controllers: [AttachmentsController, FileLinksController],
  providers: [
    AttachmentsService,
    AttachmentUploads,
    FileInspection,
    FileLinksService,
    AttachmentsListeners,
    AttachmentsJobs,
  ],
})
export class AttachmentsModule {}
