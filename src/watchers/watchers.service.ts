import { Injectable } from '@nestjs/common';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { InvalidInput } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { TaskWatcher } from './task-watcher.entity.ts';
import { canSayWhoWatches } from './watcher.policy.ts';
import { WatcherAdded, WatcherRemoved } from './watchers.events.ts';
import { findWatcher, listWatchers, type WatcherRow } from './watchers.queries.ts';

@Injectable()
export class WatchersService {
  constructor(
    private readonly tasks: TasksService,
    private readonly projects: ProjectsService,
  ) {}

  /** @throws TaskMissing */
  async list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<WatcherRow>> {
    await this.tasks.get(ctx, taskId);
    return listWatchers(ctx, taskId, query);
  }

  /** Watching it twice changes nothing. @throws TaskMissing, ProjectArchived, PermissionDenied, InvalidInput for somebody who is not in the project */
  async add(ctx: TenantContext, taskId: string, userId: string): Promise<WatcherRow> {
    return ctx.transaction(async (tx) => {
      const { task, ties } = await this.tasks.getWithTies(tx, taskId, { writing: true });
      if (!canSayWhoWatches(tx.actor, userId, ties)) throw new PermissionDenied('task.update');
      const isSeeing = userId === tx.actor.userId || (await this.projects.holdMember(tx, task.projectId, userId));
      if (!isSeeing) throw new InvalidInput([NOT_A_MEMBER]);
      if (!(await findWatcher(tx, taskId, userId))) {
        await tx.repository(TaskWatcher).upsert({ taskId, userId }, ['taskId', 'userId']);
        tx.announce(new WatcherAdded(taskId, userId));
      }
      return (await findWatcher(tx, taskId, userId))!;
    });
  }

  /** Nobody who did not watch is an error. @throws TaskMissing, ProjectArchived, PermissionDenied */
  async remove(ctx: TenantContext, taskId: string, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { ties } = await this.tasks.getWithTies(tx, taskId, { writing: true });
      if (!canSayWhoWatches(tx.actor, userId, ties)) throw new PermissionDenied('task.update');
      const { affected } = await tx.repository(TaskWatcher).delete({ taskId, userId });
      if (affected) tx.announce(new WatcherRemoved(taskId, userId));
    });
  }

  /** Somebody who was deleted watches nothing. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await tx.repository(TaskWatcher).delete({ userId });
    });
  }
}

const NOT_A_MEMBER = {
  pointer: ':userId',
  code: 'not_a_member',
  message: 'Only a member of the project can watch its tasks. Add the person to the project first.',
};
