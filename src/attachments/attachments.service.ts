import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { IsNull } from 'typeorm';
import { v7 as newId, validate as isId } from 'uuid';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { AppError } from '../platform/errors/app-error.ts';
import { FileStore, type ByteRange } from '../platform/files/file-store.ts';
import type { IncomingFile } from '../platform/files/incoming-file.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { holdStorage } from '../platform/tenancy/plan-limits.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CommentsService } from '../comments/comments.service.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { Attachment } from './attachment.entity.ts';
import { canAttach, canRemoveAttachment } from './attachment.policy.ts';
import { AttachmentUploads, thumbnailKeyOf, type StoredFile } from './attachment-uploads.service.ts';
import { AttachmentMissing, NoThumbnail, NotYourAttachment, UnknownPlace } from './attachments.errors.ts';
import { AttachmentAdded, AttachmentRemoved } from './attachments.events.ts';
import { countAttachedBytes, findAttachment, listAttachments, type AttachmentRow } from './attachments.queries.ts';

/** A file as it is sent: what is known of it, and how it is read. */
export interface OpenedFile {
  attachment: AttachmentRow;
  /** @throws AttachmentMissing when the store has lost it, FilesAway */
  read: (range?: ByteRange) => Promise<Readable>;
}

type TaskOfFile = { id: string; projectId: string };

@Injectable()
export class AttachmentsService {
  constructor(
    private readonly tasks: TasksService,
    private readonly comments: CommentsService,
    private readonly history: TaskHistoryService,
    private readonly uploads: AttachmentUploads,
    private readonly files: FileStore,
    private readonly limits: ActionLimits,
  ) {}

  /** @throws RateLimited, TaskMissing, ProjectArchived, PermissionDenied, UnknownPlace, PlanLimitReached, and what is wrong with the file */
  async add(ctx: TenantContext, taskId: string, file: IncomingFile): Promise<AttachmentRow> {
    await this.limits.takeUpload(ctx);
    const { ties } = await this.tasks.getWithTies(ctx, taskId);
    if (!canAttach(ctx.actor, ties)) throw new PermissionDenied('task.comment');
    return this.uploads.take(ctx, file, (stored, { commentId }) =>
      ctx.transaction(async (tx) => {
        // Again: who may do what may have changed while the file arrived.
        const task = await this.#holdPlace(tx, taskId, commentId);
        await holdStorage(tx, stored.bytes, countAttachedBytes);
        return this.#insert(tx, task, commentId ?? null, stored);
      }),
    );
  }

  /** @throws TaskMissing */
  async list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<AttachmentRow>> {
    await this.tasks.get(ctx, taskId);
    return listAttachments(ctx, taskId, query);
  }

  /** @throws AttachmentMissing, also when the task may not be seen */
  async get(ctx: TenantContext, id: string): Promise<AttachmentRow> {
    const attachment = await findAttachment(ctx, id);
    if (!attachment) throw new AttachmentMissing();
    await this.tasks.get(ctx, attachment.taskId).catch(missingAs(missing));
    return attachment;
  }

  /** @throws AttachmentMissing */
  async open(ctx: TenantContext, id: string): Promise<OpenedFile> {
    const attachment = await this.get(ctx, id);
    return { attachment, read: this.#reader(ctx, attachment.fileKey) };
  }

  /** A WebP. @throws AttachmentMissing, NoThumbnail */
  async openThumbnail(ctx: TenantContext, id: string): Promise<OpenedFile> {
    const attachment = await this.get(ctx, id);
    if (!attachment.hasThumbnail) throw new NoThumbnail();
    return { attachment, read: this.#reader(ctx, thumbnailKeyOf(attachment.fileKey)) };
  }

  /** @throws AttachmentMissing, ProjectArchived, NotYourAttachment */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { taskId } = await this.get(tx, id);
      // The task first, as for whoever adds a file: or the two would wait for each other.
      const { task, ties } = await this.tasks.lockWithTies(tx, taskId).catch(missingAs(missing));
      const attachment = await findAttachment(tx, id, { lock: true });
      if (!attachment) throw new AttachmentMissing();
      if (!canRemoveAttachment(tx.actor, attachment, ties)) throw new NotYourAttachment();
      await this.#hide(tx, attachment, task);
    });
  }

  /** Those of a comment that was deleted go with it. */
  async removeOfComment(ctx: TenantContext, commentId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const where = { commentId, deletedAt: IsNull() };
      const lock = { mode: 'pessimistic_write' } as const;
      const attachments = await tx.repository(Attachment).find({ where, order: { id: 'ASC' }, lock });
      for (const attachment of attachments) {
        // Of a task that is deleted itself there is nothing to write down.
        const task = await this.tasks.get(tx, attachment.taskId).catch(missingAs(() => null));
        await this.#hide(tx, attachment, task);
      }
    });
  }

  /** The file of one that was removed. @throws FilesAway */
  async discard(ctx: TenantContext, id: string): Promise<void> {
    const attachment = await ctx.repository(Attachment).findOneBy({ id });
    if (attachment?.deletedAt) await this.uploads.remove(ctx.tenant.id, attachment.fileKey);
  }

  async #insert(
    tx: TenantContext,
    task: TaskOfFile,
    commentId: string | null,
    stored: StoredFile,
  ): Promise<AttachmentRow> {
    const id = newId();
    const at = new Date();
    const uploadedBy = tx.actor.userId!;
    const place = { taskId: task.id, commentId, uploadedBy, createdAt: at, deletedAt: null };
    await tx.repository(Attachment).insert({ id, ...stored, ...place });
    await this.history.recordChange(tx, task, 'attachments', null, { id, name: stored.name }, at);
    tx.announce(new AttachmentAdded(id, task.id, uploadedBy));
    return (await findAttachment(tx, id))!;
  }

  async #hide(
    tx: TenantContext,
    { id, name, taskId }: Pick<Attachment, 'id' | 'name' | 'taskId'>,
    task: TaskOfFile | null,
  ): Promise<void> {
    const at = new Date();
    await tx.repository(Attachment).update({ id }, { deletedAt: at });
    if (task) await this.history.recordChange(tx, task, 'attachments', { id, name }, null, at);
    tx.announce(new AttachmentRemoved(id, taskId));
  }

  /** The task, where the actor may add files; it stays. @param commentId of a comment of their own there */
  async #holdPlace(tx: TenantContext, taskId: string, commentId?: string): Promise<TaskOfFile> {
    const { task, ties } = await this.tasks.lockWithTies(tx, taskId);
    if (!canAttach(tx.actor, ties)) throw new PermissionDenied('task.comment');
    if (commentId === undefined) return task;
    if (!isId(commentId)) throw new UnknownPlace();
    const found = await this.comments.lockWithTies(tx, commentId).catch(missingAs(() => null));
    if (found?.comment.taskId !== taskId || found.comment.authorId !== tx.actor.userId) throw new UnknownPlace();
    return task;
  }

  #reader(ctx: TenantContext, name: string): (range?: ByteRange) => Promise<Readable> {
    return async (range) => {
      const stream = await this.files.open(ctx.tenant.id, name, range);
      if (!stream) throw new AttachmentMissing();
      return stream;
    };
  }
}

/** The file of a task that may not be seen answers as if it did not exist. */
function missing(): never {
  throw new AttachmentMissing();
}

/** What takes the place of "there is no such ..." of another module; anything else passes. */
function missingAs<T>(replacement: () => T): (error: unknown) => T {
  return (error) => {
    if (error instanceof AppError && error.kind === 'missing') return replacement();
    throw error;
  };
}
