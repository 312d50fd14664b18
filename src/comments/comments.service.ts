import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { AppError, StaleVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { Comment } from './comment.entity.ts';
import { canChangeComment, canComment, canDeleteComment } from './comment.policy.ts';
import { CommentMissing, NotYourComment } from './comments.errors.ts';
import { CommentAdded } from './comments.events.ts';
import { findComment, listComments, type CommentRow } from './comments.queries.ts';

@Injectable()
export class CommentsService {
  constructor(private readonly tasks: TasksService) {}

  /** @throws TaskMissing, PermissionDenied */
  async add(ctx: TenantContext, taskId: string, body: string): Promise<CommentRow> {
    return ctx.transaction(async (tx) => {
      const { ties } = await this.tasks.getWithTies(tx, taskId);
      if (!canComment(tx.actor, ties)) throw new PermissionDenied('task.comment');
      const id = newId();
      const authorId = tx.actor.userId!;
      await tx.repository(Comment).insert({ id, taskId, authorId, body, deletedAt: null });
      tx.announce(new CommentAdded(id, taskId, authorId));
      return this.#row(tx, id);
    });
  }

  async list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<CommentRow>> {
    await this.tasks.get(ctx, taskId);
    return listComments(ctx, taskId, query);
  }

  /** @throws CommentMissing, also when the task may not be seen */
  async get(ctx: TenantContext, id: string): Promise<CommentRow> {
    const comment = await this.#row(ctx, id);
    await this.#tiesTo(ctx, comment);
    return comment;
  }

  /** @throws CommentMissing, PermissionDenied, StaleVersion */
  async update(ctx: TenantContext, id: string, body: string, expectedVersion?: number): Promise<CommentRow> {
    return ctx.transaction(async (tx) => {
      const { comment, ties } = await this.#lock(tx, id, expectedVersion);
      if (!canChangeComment(tx.actor, comment, ties)) throw new NotYourComment();
      await tx.repository(Comment).update({ id }, { body });
      return this.#row(tx, id);
    });
  }

  /** @throws CommentMissing, PermissionDenied, StaleVersion */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { comment, ties } = await this.#lock(tx, id, expectedVersion);
      if (!canDeleteComment(tx.actor, comment, ties)) throw new NotYourComment();
      await tx.repository(Comment).update({ id }, { deletedAt: new Date() });
    });
  }

  /** The comment of a task that may not be seen answers as if it did not exist. */
  async #lock(tx: TenantContext, id: string, expectedVersion?: number): Promise<{ comment: CommentRow; ties: Ties }> {
    const comment = await this.#row(tx, id, { lock: true });
    const ties = await this.#tiesTo(tx, comment);
    if (expectedVersion !== undefined && expectedVersion !== comment.version) throw new StaleVersion();
    return { comment, ties };
  }

  async #tiesTo(ctx: TenantContext, comment: CommentRow): Promise<Ties> {
    const { ties } = await this.tasks.getWithTies(ctx, comment.taskId).catch((error: unknown) => {
      throw error instanceof AppError && error.kind === 'missing' ? new CommentMissing() : error;
    });
    return ties;
  }

  async #row(tx: TenantContext, id: string, options?: { lock: boolean }): Promise<CommentRow> {
    const comment = await findComment(tx, id, options);
    if (!comment) throw new CommentMissing();
    return comment;
  }
}
