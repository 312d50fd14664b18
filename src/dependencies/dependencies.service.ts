import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { AppError, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TaskHistoryService } from '../history/task-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import {
  DependencyExists,
  DependencyMissing,
  LagTwice,
  PredecessorElsewhere,
  TaskDependencyCycle,
  UnknownPredecessor,
} from './dependencies.errors.ts';
import { DependencyAdded, DependencyChanged, DependencyRemoved } from './dependencies.events.ts';
import {
  existsBetween,
  findDependency,
  listBlocked,
  listDependencies,
  listEdgesAbove,
  listOfProject,
  lockDependencies,
  readGraph,
  titlesOf,
  waitsFor,
  type BlockedTaskRow,
  type DependencyRow,
  type GraphDirection,
  type GraphEdge,
  type GraphNode,
} from './dependencies.queries.ts';
import type { Dependency, DependencyType, Lag } from './dependencies.types.ts';
import { canChangeDependencies, sees, seesAny, sightOf, type Sight } from './dependency.policy.ts';
import { connectedTo, wayBetween, type Edge } from './dependency.rules.ts';
import { TaskDependency } from './task-dependency.entity.ts';

export interface DependencyChanges {
  type?: DependencyType;
  lagHours?: number;
  lagDays?: number;
}

export type NewDependency = DependencyChanges & { dependsOnTaskId: string };

@Injectable()
export class DependenciesService {
  constructor(
    private readonly tasks: TasksService,
    private readonly projects: ProjectsService,
    private readonly history: TaskHistoryService,
  ) {}

  /**
   * @throws TaskMissing, ProjectArchived, PermissionDenied, UnknownPredecessor, PredecessorElsewhere, LagTwice, DependencyExists,
   *   TaskDependencyCycle
   */
  async add(ctx: TenantContext, taskId: string, { dependsOnTaskId, ...fields }: NewDependency): Promise<DependencyRow> {
    const lag = lagOf(fields) ?? { lagHours: 0, lagDays: null };
    const type = fields.type ?? 'finish_to_start';
    return ctx.transaction(async (tx) => {
      const { projectId } = await this.tasks.get(tx, taskId);
      await lockDependencies(tx, projectId);
      const ties = await this.#lockChangeable(tx, taskId);
      await this.#demandPredecessor(tx, projectId, dependsOnTaskId);
      await this.#refuseCycle(tx, { taskId, dependsOnTaskId }, sightOf(tx.actor, ties));
      const dependency = { id: newId(), taskId, dependsOnTaskId, type, ...lag };
      await tx.repository(TaskDependency).insert({ ...dependency, projectId });
      await this.#record(tx, projectId, null, dependency);
      tx.announce(new DependencyAdded(dependency.id, taskId, dependsOnTaskId, projectId));
      return this.#find(tx, taskId, dependency.id, ties);
    });
  }

  /** Those of the task in both directions, to tasks that the actor may see. @throws TaskMissing */
  async list(ctx: TenantContext, taskId: string, query: ListQuery): Promise<Page<DependencyRow>> {
    const { ties } = await this.tasks.getWithTies(ctx, taskId);
    return listDependencies(ctx, taskId, sightOf(ctx.actor, ties), query);
  }

  /** @throws TaskMissing, DependencyMissing, also when the other task may not be seen */
  async get(ctx: TenantContext, taskId: string, id: string): Promise<DependencyRow> {
    const { ties } = await this.tasks.getWithTies(ctx, taskId);
    return this.#find(ctx, taskId, id, ties);
  }

  /**
   * The task is either of the two; who changes it must be allowed to change the one that waits.
   *
   * @throws TaskMissing, DependencyMissing, ProjectArchived, PermissionDenied, StaleVersion, LagTwice
   */
  async update(
    ctx: TenantContext,
    taskId: string,
    id: string,
    { type, ...changes }: DependencyChanges,
    expectedVersion?: number,
  ): Promise<DependencyRow> {
    const lag = lagOf(changes);
    return ctx.transaction(async (tx) => {
      const { before, ties } = await this.#lock(tx, taskId, id, expectedVersion);
      const after = { ...before, ...(type && { type }), ...lag };
      if (JSON.stringify(valueOf(after)) === JSON.stringify(valueOf(before))) return before;
      const { lagHours, lagDays } = after;
      await tx.repository(TaskDependency).update({ id }, { type: after.type, lagHours, lagDays });
      await this.#record(tx, before.projectId, before, after);
      tx.announce(new DependencyChanged(id, before.taskId, before.dependsOnTaskId, before.projectId));
      return this.#find(tx, taskId, id, ties);
    });
  }

  /** @throws TaskMissing, DependencyMissing, ProjectArchived, PermissionDenied, StaleVersion */
  async remove(ctx: TenantContext, taskId: string, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { before } = await this.#lock(tx, taskId, id, expectedVersion);
      await tx.repository(TaskDependency).delete({ id });
      await this.#record(tx, before.projectId, before, null);
      tx.announce(new DependencyRemoved(id, before.taskId, before.dependsOnTaskId, before.projectId));
    });
  }

  /** What the task waits for and what waits for it, over any number of others, as far as the actor may see. @throws TaskMissing */
  async graph(
    ctx: TenantContext,
    taskId: string,
    { direction = 'both', depth = null }: { direction?: GraphDirection; depth?: number | null },
  ): Promise<{ nodes: GraphNode[]; edges: GraphEdge[] }> {
    const { ties } = await this.tasks.getWithTies(ctx, taskId);
    const sight = sightOf(ctx.actor, ties);
    const { nodes, edges } = await readGraph(ctx, taskId, { direction, depth });
    const seen = new Set(nodes.filter((node) => sees(sight, node)).map(({ id }) => id));
    const shown = connectedTo(edges, taskId, (id) => seen.has(id));
    return {
      nodes: nodes.filter(({ id }) => shown.has(id)),
      edges: edges.filter((edge) => shown.has(edge.taskId) && shown.has(edge.dependsOnTaskId)),
    };
  }

  /** Open tasks that others hold up, as far as the actor may see both. @throws ProjectMissing, PermissionDenied */
  async listBlocked(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<BlockedTaskRow>> {
    const enough = (ties: Ties) => seesAny(sightOf(ctx.actor, ties));
    const sight = sightOf(ctx.actor, await this.projects.tiesTo(ctx, projectId, { enough }));
    if (!seesAny(sight)) throw new PermissionDenied('task.read');
    return listBlocked(ctx, projectId, sight, query);
  }

  /** All between tasks of the project that are there, for whoever may see all of them. */
  listOfProject(ctx: TenantContext, projectId: string): Promise<Dependency[]> {
    return listOfProject(ctx, projectId);
  }

  /** Keeps the dependencies of a project as they are until the transaction ends. */
  async hold(tx: TenantContext, projectId: string): Promise<void> {
    await lockDependencies(tx, projectId);
  }

  /** The dependencies of its project are locked before, also by whoever writes many of its tasks: the other way round is a deadlock. */
  async #lockChangeable(tx: TenantContext, taskId: string): Promise<Ties> {
    const { ties } = await this.tasks.lockWithTies(tx, taskId);
    if (!canChangeDependencies(tx.actor, ties)) throw new PermissionDenied('task.update');
    return ties;
  }

  async #demandPredecessor(tx: TenantContext, projectId: string, id: string): Promise<void> {
    const task = await this.tasks.get(tx, id).catch((error: unknown) => {
      throw error instanceof AppError && error.kind === 'missing' ? new UnknownPredecessor() : error;
    });
    if (task.projectId !== projectId) throw new PredecessorElsewhere();
  }

  async #refuseCycle(tx: TenantContext, { taskId, dependsOnTaskId }: Edge, sight: Sight): Promise<void> {
    if (await existsBetween(tx, { taskId, dependsOnTaskId })) throw new DependencyExists();
    if (!(await waitsFor(tx, dependsOnTaskId, taskId))) return;
    const way = wayBetween(await listEdgesAbove(tx, dependsOnTaskId), dependsOnTaskId, taskId) ?? [taskId];
    const titles = await titlesOf(tx, way, sight);
    throw new TaskDependencyCycle([taskId, ...way].map((id) => ({ id, title: titles.get(id) ?? null })));
  }

  async #lock(
    tx: TenantContext,
    taskId: string,
    id: string,
    expectedVersion?: number,
  ): Promise<{ before: DependencyRow; ties: Ties }> {
    const { task, ties } = await this.tasks.getWithTies(tx, taskId);
    await lockDependencies(tx, task.projectId);
    const before = await this.#find(tx, taskId, id, ties, { lock: true });
    await this.#lockChangeable(tx, before.taskId);
    demandVersion(before, expectedVersion);
    return { before, ties };
  }

  async #find(
    ctx: TenantContext,
    taskId: string,
    id: string,
    ties: Ties,
    options?: { lock: boolean },
  ): Promise<DependencyRow> {
    const found = await findDependency(ctx, taskId, id, sightOf(ctx.actor, ties), options);
    if (!found) throw new DependencyMissing();
    return found;
  }

  /** In the history of the task that waits. */
  async #record(
    tx: TenantContext,
    projectId: string,
    before: Dependency | null,
    after: Dependency | null,
  ): Promise<void> {
    const task = { id: (before ?? after)!.taskId, projectId };
    await this.history.recordChange(tx, task, 'dependencies', valueOf(before), valueOf(after), new Date());
  }
}

function valueOf(dependency: Dependency | null): object | null {
  if (!dependency) return null;
  const { dependsOnTaskId, type, lagHours, lagDays } = dependency;
  return { dependsOnTaskId, type, lagHours, lagDays };
}

/** @returns undefined when nothing is said @throws LagTwice */
function lagOf({ lagHours, lagDays }: Pick<DependencyChanges, 'lagHours' | 'lagDays'>): Lag | undefined {
  if (lagHours !== undefined && lagDays !== undefined) throw new LagTwice();
  if (lagHours !== undefined) return { lagHours, lagDays: null };
  return lagDays === undefined ? undefined : { lagHours: null, lagDays };
}
