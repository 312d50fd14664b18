import { Injectable } from '@nestjs/common';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { TaskChangesService } from './task-changes.service.ts';
import { TaskLocksService } from './task-locks.service.ts';
import { listOpenAssignments } from './tasks.queries.ts';

/**
 * What becomes of tasks when somebody goes, or what they belonged to. However many tasks somebody had, it takes a few
 * statements a project; one project after the other, each in a transaction of its own: whoever works in one of them never
 * waits for all, and never crosswise. What breaks off is taken up where it stopped when the event is heard again.
 */
@Injectable()
export class TaskReassignmentService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly changes: TaskChangesService,
    private readonly locks: TaskLocksService,
  ) {}

  /** Takes all of a person's open tasks from them. */
  async unassignOpen(ctx: TenantContext, assigneeId: string): Promise<void> {
    await this.#inEachProject(ctx, { userId: assigneeId }, async (tx, projectId) => {
      // Heard late: somebody who is back keeps what they were given since.
      if (await this.users.holdActive(tx, assigneeId)) return;
      await this.#reassign(tx, projectId, [assigneeId], null);
    });
  }

  /** Gives a person's open tasks to another one, who is taken into the projects where they are; or to nobody. */
  async handOver(ctx: TenantContext, from: string, to: string | null): Promise<void> {
    await this.#inEachProject(ctx, { userId: from }, async (tx, projectId) => {
      const isThere = to !== null && (await this.projects.takeIn(tx, projectId, to));
      await this.#reassign(tx, projectId, [from], isThere ? to : null);
    });
  }

  /** Takes open tasks from those who are not in the project any more, by name or through a team: a person's, or a project's. */
  async unassignOutsiders(ctx: TenantContext, of: { userId?: string; projectId?: string }): Promise<void> {
    await this.#inEachProject(ctx, of, async (tx, projectId, assigneeIds) => {
      const members = await this.projects.holdMembers(tx, projectId, assigneeIds);
      const outsiders = assigneeIds.filter((id) => !members.has(id));
      if (outsiders.length > 0) await this.#reassign(tx, projectId, outsiders, null);
    });
  }

  /** Takes tasks out of a milestone that was deleted. */
  async leaveMilestone(ctx: TenantContext, projectId: string, milestoneId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.locks.holdProjects(tx, [projectId]);
      await this.changes.replaceAll(tx, projectId, 'milestoneId', { oldValues: [milestoneId], newValue: null });
    });
  }

  /** @param work is done once for each project in which there are such open tasks, with whose they are */
  async #inEachProject(
    ctx: TenantContext,
    of: { userId?: string; projectId?: string },
    work: (tx: TenantContext, projectId: string, assigneeIds: string[]) => Promise<void>,
  ): Promise<void> {
    // In a transaction as well: others hear the same event in this context, and one of them may have one open.
    const assignments = await ctx.transaction((tx) => listOpenAssignments(tx, of));
    for (const { projectId, assigneeIds } of assignments)
      await ctx.transaction(async (tx) => {
        await this.locks.holdProjects(tx, [projectId]);
        await work(tx, projectId, assigneeIds);
      });
  }

  #reassign(tx: TenantContext, projectId: string, from: string[], to: string | null): Promise<void> {
    return this.changes.replaceAll(tx, projectId, 'assigneeId', { oldValues: from, newValue: to, onlyOpen: true });
  }
}
