import { Injectable } from '@nestjs/common';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { holdProjectOf, lockOrder, lockStatus, lockTree, projectsOf } from './tasks.queries.ts';

/** What a transaction is going to touch. */
export interface Reached {
  taskIds: string[];
  /** Where tasks are created. */
  projectIds: string[];
  /** A parent is given or taken. */
  parents: boolean;
  /** A task is put elsewhere among the others. */
  places: boolean;
  /** Where tasks go. */
  statuses: string[];
}

/**
 * The order in which everybody locks, so that nobody waits crosswise: projects, then what is one for a whole project (its
 * tree, its order), then tasks by their ids, then room in statuses. A verb on one task follows it by itself; whoever does
 * several in one transaction takes all of it ahead.
 */
@Injectable()
export class TaskLocksService {
  async takeAhead(tx: TenantContext, { taskIds, projectIds, parents, places, statuses }: Reached): Promise<void> {
    const projects = [...new Set([...projectIds, ...(await projectsOf(tx, taskIds))])].sort();
    await this.holdProjects(tx, projects);
    if (parents) for (const id of projects) await lockTree(tx, id);
    if (places) for (const id of projects) await lockOrder(tx, id);
    await tx.query('SELECT 1 FROM "@tenant".tasks WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE', [taskIds]);
    const keys = [...new Set(statuses)].sort();
    for (const id of projects) for (const status of keys) await lockStatus(tx, id, status);
  }

  /** Projects, deleted ones too, with their workflows: neither changes until the transaction ends. */
  async holdProjects(tx: TenantContext, ids: string[]): Promise<void> {
    await tx.query('SELECT 1 FROM "@tenant".projects WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE', [ids]);
  }

  /** A task with its parts, in the order of all. */
  async holdWithParts(tx: TenantContext, taskId: string): Promise<void> {
    await this.holdTreeOf(tx, taskId);
    await holdProjectOf(tx, taskId);
    await tx.query('SELECT 1 FROM "@tenant".tasks WHERE id = $1 OR parent_id = $1 ORDER BY id FOR NO KEY UPDATE', [
      taskId,
    ]);
  }

  /** No other parent is given or taken in the project of this task; before the task itself is locked. */
  async holdTreeOf(tx: TenantContext, taskId: string): Promise<void> {
    for (const id of await projectsOf(tx, [taskId])) await lockTree(tx, id);
  }

  /** No other task is put elsewhere in the project of this one; before the task itself is locked. */
  async holdOrderOf(tx: TenantContext, taskId: string): Promise<void> {
    for (const id of await projectsOf(tx, [taskId])) await lockOrder(tx, id);
  }
}
