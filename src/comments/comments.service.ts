import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { AppError, demandVersion } from '../platform/errors/app-error.ts';
import { peopleNamedIn } from '../platform/markdown/people-named.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { Comment } from './comment.entity.ts';
import { canChangeComment, canComment, canDeleteComment, type TaskOfComment } from './comment.policy.ts';
import { CommentMissing, NotYourComment, UnknownParentComment } from './comments.errors.ts';
import { CommentAdded, CommentDeleted, CommentEdited } from './comments.events.ts';
import {
  findComment,
  listComments,
  listVersions,
  type CommentRow,
  type CommentVersionRow,
} from './comments.queries.ts';
import { MentionsService } from './mentions.service.ts';

export interface NewComment {
  body: string;
  /** A comment on the same task that is no reply itself. */
  parentId?: string | null;
}

@Injectable()
export class CommentsService {
  constructor(
    private readonly tasks: TasksService,
    private readonly mentions: MentionsService,
    private readonly history: TaskHistoryService,
  ) {}

  /** @throws TaskMissing, ProjectArchived, PermissionDenied, UnknownParentComment */
  async add(ctx: TenantContext, taskId: string, { body, parentId = null }: NewComment): Promise<CommentRow> {
    const named = peopleNamedIn(body);
    return ctx.transaction(async (tx) => {
      const { task, ties } = await this.tasks.lockWithTies(tx, taskId);
      if (!canComment(tx.actor, ties)) throw new PermissionDenied('task.comment');
      if (parentId !== null) await this.#holdParent(tx, taskId, parentId);
      const id = newId();
      const authorId = tx.actor.userId!;
      const now = new Date();
      const mentions = await this.mentions.resolve(tx, task, named);
      const times = { createdAt: now, updatedAt: now, deletedAt: null };
      await tx.repository(Comment).insert({ id, taskId, parentId, authorId, body, mentions, reactions: [], ...times });
      if (parentId !== null) await this.showChanged(tx, parentId);
      tx.announce(new CommentAdded(id, taskId, authorId));
      await this.history.recordChange(tx, task, 'comments', null, { id }, now);
      this.mentions.announce(tx, { id, taskId }, mentions, []);
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
    await this.tasks.get(ctx, comment.taskId).catch(asCommentMissing);
    return comment;
  }

  /** The texts that it had before. @throws CommentMissing */
  async listVersions(ctx: TenantContext, id: string, query: ListQuery): Promise<Page<CommentVersionRow>> {
    return listVersions(ctx, await this.get(ctx, id), query);
  }

  /** Saving the same text changes nothing. @throws CommentMissing, ProjectArchived, NotYourComment, StaleVersion */
  async update(ctx: TenantContext, id: string, body: string, expectedVersion?: number): Promise<CommentRow> {
    const named = peopleNamedIn(body);
    return ctx.transaction(async (tx) => {
      const { comment, task, ties } = await this.lockWithTies(tx, id, expectedVersion);
      if (!canChangeComment(tx.actor, comment, ties)) throw new NotYourComment();
      if (comment.body === body) return comment;
      const now = new Date();
      await this.#keepFormer(tx, comment, now);
      const mentions = await this.mentions.resolve(tx, task, named);
      await tx.repository(Comment).update({ id }, { body, mentions, updatedAt: now });
      tx.announce(new CommentEdited(id, comment.taskId));
      const former = comment.mentions.map(({ userId }) => userId);
      this.mentions.announce(tx, comment, mentions, former);
      return this.#row(tx, id);
    });
  }

  /**
   * Hides it and its former texts; its replies stand for themselves.
   *
   * @throws CommentMissing, ProjectArchived, NotYourComment, StaleVersion
   */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { comment, task, ties } = await this.lockWithTies(tx, id, expectedVersion);
      if (!canDeleteComment(tx.actor, comment, ties)) throw new NotYourComment();
      const now = new Date();
      await tx.repository(Comment).update({ id }, { deletedAt: now });
      await this.history.recordChange(tx, task, 'comments', { id }, null, now);
      await tx.query(
        `UPDATE "@tenant".comments SET parent_id = NULL, version = version + 1 WHERE parent_id = $1 AND deleted_at IS NULL`,
        [id],
      );
      if (comment.parentId !== null) await this.showChanged(tx, comment.parentId);
      tx.announce(new CommentDeleted(id, comment.taskId));
    });
  }

  /** Keeps the comment and its task from changing until the transaction ends. @throws CommentMissing, ProjectArchived, StaleVersion */
  async lockWithTies(
    tx: TenantContext,
    id: string,
    expectedVersion?: number,
  ): Promise<{ comment: CommentRow; task: TaskOfComment; ties: Ties }> {
    const { taskId } = await this.#row(tx, id);
    // The task first, as for whoever replies: or the two would wait for each other.
    const { task, ties } = await this.tasks.lockWithTies(tx, taskId).catch(asCommentMissing);
    const comment = await this.#row(tx, id, { lock: true });
    demandVersion(comment, expectedVersion);
    return { comment, task, ties };
  }

  /** Something that is shown with it is another: its ETag too, but not the time of its text. */
  async showChanged(tx: TenantContext, id: string): Promise<void> {
    await tx.query('UPDATE "@tenant".comments SET version = version + 1 WHERE id = $1', [id]);
  }

  /** Beside its text, when it was written: the time of the comment will be another. */
  async #keepFormer(tx: TenantContext, { id, taskId, body, updatedAt }: CommentRow, at: Date): Promise<void> {
    const former = { field: 'body', oldValue: { body, writtenAt: updatedAt }, newValue: null };
    await this.history.recordPart(tx, { type: 'comment', id, taskId }, [former], at);
  }

  async #holdParent(tx: TenantContext, taskId: string, parentId: string): Promise<void> {
    const parent = await findComment(tx, parentId, { lock: true });
    if (parent?.taskId !== taskId) throw new UnknownParentComment('missing');
    if (parent.parentId !== null) throw new UnknownParentComment('reply');
  }

  async #row(tx: TenantContext, id: string, options?: { lock: boolean }): Promise<CommentRow> {
    const comment = await findComment(tx, id, options);
    if (!comment) throw new CommentMissing();
    return comment;
  }
}

/** The comment of a task that may not be seen answers as if it did not exist. */
function asCommentMissing(error: unknown): never {
  throw error instanceof AppError && error.kind === 'missing' ? new CommentMissing() : error;
}
