import { Injectable } from '@nestjs/common';
import { CommentDeleted } from '../comments/comments.events.ts';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AttachmentRemoved } from './attachments.events.ts';
import { AttachmentsService } from './attachments.service.ts';

@Injectable()
export class AttachmentsListeners {
  constructor(private readonly attachments: AttachmentsService) {}

  @Hears(AttachmentRemoved)
  async removeFile(ctx: TenantContext, event: AttachmentRemoved): Promise<void> {
    await this.attachments.discard(ctx, event.attachmentId);
  }

  @Hears(CommentDeleted)
  async removeOfDeleted(ctx: TenantContext, event: CommentDeleted): Promise<void> {
    await this.attachments.removeOfComment(ctx, event.commentId);
  }
}
