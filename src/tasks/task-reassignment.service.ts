import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { LOCK, TaskChangesService } from './task-changes.service.ts';
import { Task } from './task.entity.ts';
import { listOpenAssignments } from './tasks.queries.ts';

/** What becomes of tasks when somebody goes, or what they belonged to. */
@Injectable()
export class TaskReassignmentService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly changes: TaskChangesService,
  ) {}

  /** Takes all of a person's open tasks from them. */
  async unassignOpen(ctx: TenantContext, assigneeId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      // Heard late: somebody who is back keeps what they were given since.
      if (await this.users.holdActive(tx, assigneeId)) return;
      await this.#reassign(tx, { assigneeId }, null);
    });
  }

  /** Gives a person's open tasks to another one, who is taken into the projects where they are; or to nobody. */
  async handOver(ctx: TenantContext, from: string, to: string | null): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const { projectId } of await listOpenAssignments(tx, { userId: from })) {
        const isThere = to !== null && (await this.projects.takeIn(tx, projectId, to));
        await this.#reassign(tx, { assigneeId: from, projectId }, isThere ? to : null);
      }
    });
  }

  /** Takes open tasks from those who are not in the project any more, by name or through a team: a person's, or a project's. */
  async unassignOutsiders(ctx: TenantContext, of: { userId?: string; projectId?: string }): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const { assigneeId, projectId } of await listOpenAssignments(tx, of))
        if (!(await this.projects.holdMember(tx, projectId, assigneeId)))
          await this.#reassign(tx, { assigneeId, projectId }, null);
    });
  }

  /** Takes tasks out of a milestone that was deleted. */
  async leaveMilestone(ctx: TenantContext, projectId: string, milestoneId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.changes.clearAll(tx, projectId, 'milestoneId', milestoneId);
    });
  }

  async #reassign(
    tx: TenantContext,
    of: { assigneeId: string; projectId?: string },
    assigneeId: string | null,
  ): Promise<void> {
    const open = { ...of, deletedAt: IsNull(), statusCategory: Not(In(['done', 'cancelled'])) };
    const tasks = await tx.repository(Task).find({ where: open, order: { id: 'ASC' }, lock: LOCK });
    for (const task of tasks) await this.changes.apply(tx, task, { assigneeId });
  }
}
