import { Injectable } from '@nestjs/common';
import type { Filters } from '../platform/database/list-query.types.ts';
import { InvalidInput, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService, changesOf } from '../history/project-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TaskChangesService } from '../tasks/task-changes.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import type { VersionedWorkflow, Workflow, WorkflowStatus } from '../workflows/workflow.types.ts';
import { WorkflowsService } from '../workflows/workflows.service.ts';
import { StatusInUse } from './boards.errors.ts';
import { WorkflowReplaced } from './boards.events.ts';

export type TaskOnBoard = Awaited<ReturnType<TasksService['get']>>;

export interface BoardColumn {
  status: WorkflowStatus;
  total: number;
  tasks: TaskOnBoard[];
}

@Injectable()
export class BoardsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly workflows: WorkflowsService,
    private readonly tasks: TasksService,
    private readonly changes: TaskChangesService,
    private readonly history: ProjectHistoryService,
  ) {}

  /**
   * The statuses of the workflow in their order, each with how many of the tasks that are looked for are in it, and the first
   * of them.
   *
   * @throws ProjectMissing; PermissionDenied when the project may be seen but none of its tasks
   */
  async get(ctx: TenantContext, projectId: string, limit: number, filters: Filters): Promise<BoardColumn[]> {
    const { statuses } = await this.workflows.get(ctx, projectId);
    const asked = { statuses: statuses.map(({ key }) => key), limit, filters };
    const { totals, tasks } = await this.tasks.listByStatus(ctx, projectId, asked);
    const byStatus = Map.groupBy(tasks, ({ status }) => status);
    return statuses.map((status) => ({
      status,
      total: totals.get(status.key) ?? 0,
      tasks: byStatus.get(status.key) ?? [],
    }));
  }

  /** @throws ProjectMissing */
  async getWorkflow(ctx: TenantContext, projectId: string): Promise<VersionedWorkflow> {
    await this.projects.get(ctx, projectId);
    return this.workflows.get(ctx, projectId);
  }

  /**
   * Gives the project another workflow. Tasks in a status that it does not have go where `moveTasks` says, and a status
   * that means something else now means it for the tasks that are in it.
   *
   * @throws ProjectMissing, ProjectArchived, PermissionDenied, StaleVersion, InvalidInput, StatusInUse
   */
  async replaceWorkflow(
    ctx: TenantContext,
    projectId: string,
    wanted: Workflow,
    moveTasks: ReadonlyMap<string, unknown>,
    expectedVersion?: number,
  ): Promise<VersionedWorkflow> {
    return ctx.transaction(async (tx) => {
      await this.projects.lockForUpdate(tx, projectId);
      const before = await this.workflows.get(tx, projectId);
      demandVersion(before, expectedVersion);
      this.workflows.check(wanted);
      const known = new Map(wanted.statuses.map((status) => [status.key, status]));
      refuseUnknownTargets(moveTasks, known);
      const counts = await this.tasks.countByStatus(tx, projectId);
      const left = before.statuses.flatMap(({ key }) => {
        const tasks = counts.get(key) ?? 0;
        return tasks > 0 && !known.has(key) && !moveTasks.has(key) ? [{ key, tasks }] : [];
      });
      if (left.length > 0) throw new StatusInUse(left);
      for (const from of before.statuses) {
        const to = known.get(from.key) ?? known.get(moveTasks.get(from.key) as string);
        if (!to || !counts.has(from.key) || (to.key === from.key && to.category === from.category)) continue;
        await this.changes.moveAll(tx, projectId, asPlace(from), asPlace(to));
      }
      await this.workflows.save(tx, projectId, wanted);
      const { statuses, transitions } = before;
      const changes = changesOf<Workflow>({ statuses, transitions }, wanted);
      await this.history.record(tx, projectId, { type: 'workflow', id: projectId }, changes);
      tx.announce(new WorkflowReplaced(projectId));
      return this.workflows.get(tx, projectId);
    });
  }
}

function asPlace({ key, category }: WorkflowStatus) {
  return { status: key, category };
}

function refuseUnknownTargets(moveTasks: ReadonlyMap<string, unknown>, known: ReadonlyMap<string, unknown>): void {
  const wrong = [...moveTasks].filter(([, to]) => typeof to !== 'string' || !known.has(to));
  if (wrong.length === 0) return;
  throw new InvalidInput(
    wrong.map(([from]) => ({
      pointer: `/moveTasks/${from}`,
      code: 'unknown_status',
      message: 'Tasks go to a status of the new workflow, named by its key.',
    })),
  );
}
