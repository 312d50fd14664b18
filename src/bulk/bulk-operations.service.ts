import { Injectable } from '@nestjs/common';
import { AppError, InvalidInput } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { NewTask } from '../tasks/task.types.ts';
import { TaskLocksService, type Reached } from '../tasks/task-locks.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { OperationFailed, failureOf } from './bulk.errors.ts';
import type { BulkAction, BulkMode, BulkOperation, BulkResult } from './bulk.types.ts';

/** Carries out operations one after the other; what each one may do, the service of tasks decides as for a single request. */
/** What an operation takes besides `action`; anything else would be ignored, and nothing is ignored. */
const TAKES: Record<BulkAction, readonly (keyof BulkOperation)[]> = {
  create: ['task'],
  update: ['id', 'version', 'task'],
  move: ['id', 'version', 'task', 'afterId', 'beforeId'],
  delete: ['id', 'version'],
  restore: ['id', 'version'],
};

/** Carries out operations one after the other; what each one may do, the service of tasks decides as for a single request. */
@Injectable()
export class BulkOperationsService {
  constructor(
    private readonly tasks: TasksService,
    private readonly locks: TaskLocksService,
  ) {}

  /**
   * @param first the place of the first one among all operations of the request, for what is told about them
   * @throws OperationFailed in the mode `atomic`, when nothing was done at all
   */
  async carryOut(ctx: TenantContext, mode: BulkMode, operations: BulkOperation[], first = 0): Promise<BulkResult[]> {
    if (mode === 'each') return this.#each(ctx, operations, first);
    return ctx.attempt(async (tx) => {
      await this.locks.takeAhead(tx, reachOf(operations));
      const results: BulkResult[] = [];
      for (const [i, operation] of operations.entries()) {
        const result = await this.#one(tx, operation).catch((error: unknown) => {
          throw error instanceof AppError ? new OperationFailed(first + i, error) : error;
        });
        results.push(result);
      }
      return results;
    });
  }

  async #each(ctx: TenantContext, operations: BulkOperation[], first: number): Promise<BulkResult[]> {
    // Alone each has a transaction of its own; in one that is open, all of their locks are held to its end.
    if (ctx.isInTransaction) await this.locks.takeAhead(ctx, reachOf(operations));
    const results: BulkResult[] = [];
    for (const [i, operation] of operations.entries()) {
      try {
        results.push(await ctx.attempt((tx) => this.#one(tx, operation)));
      } catch (error) {
        if (!(error instanceof AppError) || error.kind === 'unavailable' || error.kind === 'internal') throw error;
        results.push({ status: 'failed', id: operation.id ?? null, error: failureOf(first + i, error) });
      }
    }
    return results;
  }

  async #one(tx: TenantContext, operation: BulkOperation): Promise<BulkResult> {
    refuseUntaken(operation);
    const { action, version, task = {}, afterId, beforeId } = operation;
    if (action === 'create') return done(await this.tasks.create(tx, demandNew(task)));
    const id = demandId(operation);
    if (action === 'delete') {
      await this.tasks.delete(tx, id, version);
      return { status: 'done', id, version: null };
    }
    if (action === 'restore') return done(await this.tasks.restore(tx, id, version));
    if (action === 'move')
      return done(await this.tasks.move(tx, id, { afterId, beforeId, status: onlyStatus(task) }, version));
    const { projectId, ...changes } = task;
    if (projectId !== undefined) throw new InvalidInput([STAYS]);
    return done(await this.tasks.update(tx, id, changes, version));
  }
}

function reachOf(operations: BulkOperation[]): Reached {
  const isOfTree = ({ action, task }: BulkOperation) =>
    action === 'delete' || action === 'restore' || task?.parentId !== undefined;
  return {
    taskIds: operations.flatMap(({ id }) => id ?? []),
    projectIds: operations.flatMap(({ task }) => task?.projectId ?? []),
    parents: operations.some(isOfTree),
    places: operations.some(({ action }) => action === 'move'),
    statuses: operations.flatMap(({ task }) => task?.status ?? []),
  };
}

/** @throws InvalidInput */
function refuseUntaken({ action, ...given }: BulkOperation): void {
  const untaken = (Object.keys(given) as (keyof BulkOperation)[]).filter(
    (field) => given[field as keyof typeof given] !== undefined && !TAKES[action].includes(field),
  );
  if (untaken.length === 0) return;
  throw new InvalidInput(
    untaken.map((field) => ({
      pointer: `/${field}`,
      code: 'unknown_field',
      message: `To ${action} a task, ${field} is not taken.`,
    })),
  );
}

/** @throws InvalidInput for what a drag does not change */
function onlyStatus({ status, ...others }: Partial<NewTask>): string | undefined {
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  if (given.length === 0) return status;
  const message = 'With a move only the status changes; update the task for the rest.';
  throw new InvalidInput(given.map(([field]) => ({ pointer: `/task/${field}`, code: 'unknown_field', message })));
}

function done({ id, version }: { id: string; version: number }): BulkResult {
  return { status: 'done', id, version };
}

function demandId({ id, action }: BulkOperation): string {
  if (id !== undefined) return id;
  throw new InvalidInput([{ pointer: '/id', code: 'uuid', message: `To ${action} a task its id is needed.` }]);
}

/** @throws InvalidInput for a new task without a project or a title */
function demandNew({ projectId, title, ...task }: Partial<NewTask>): NewTask {
  const missing = Object.entries({ projectId, title }).filter(([, value]) => value === undefined);
  if (projectId !== undefined && title !== undefined) return { ...task, projectId, title };
  throw new InvalidInput(
    missing.map(([name]) => ({ pointer: `/${name}`, code: 'required', message: `A new task needs a ${name}.` })),
  );
}

const STAYS = { pointer: '/projectId', code: 'unknown_field', message: 'A task stays in its project.' };
