import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { ApiKeysService } from '../api-keys/api-keys.service.ts';
import type { Actor } from '../platform/access/actor.ts';
import { AppError } from '../platform/errors/app-error.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import type { JobRun } from '../platform/jobs/job.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { ActorsService } from '../sessions/actors.service.ts';
import { BulkOperationsService } from './bulk-operations.service.ts';
import { BulkRunMissing } from './bulk.errors.ts';
import { BulkRunOrdered } from './bulk.events.ts';
import { findOwnRun, findRun, lockRun } from './bulk.queries.ts';
import {
  MOST_AT_ONCE,
  RUN_BULK,
  type BulkFailure,
  type BulkMode,
  type BulkOperation,
  type BulkRun,
} from './bulk.types.ts';

/** Operations that share a transaction with the record of how far the run has come, so that none is done twice. */
const BATCH = 20;
/**
 * The lock of a writer on a table of the tenant's own. A move fences those tables and copies the runs then: without it a run
 * could be stored or ended at the old place when the copy has been made.
 */
const AS_WRITER = `WITH writer AS (DELETE FROM "@tenant".tasks WHERE false)`;

@Injectable()
export class BulkService {
  constructor(
    private readonly operations: BulkOperationsService,
    private readonly contexts: TenantContexts,
    private readonly directory: TenantDirectory,
    private readonly actors: ActorsService,
    private readonly apiKeys: ApiKeysService,
    private readonly jobs: Jobs,
  ) {}

  /**
   * Up to a hundred operations are carried out before this returns, more of them in the background.
   *
   * @throws OperationFailed in the mode `atomic`, when nothing was done at all
   */
  async run(ctx: TenantContext, mode: BulkMode, operations: BulkOperation[]): Promise<BulkRun> {
    const inBackground = operations.length > MOST_AT_ONCE;
    const results = inBackground ? [] : await this.operations.carryOut(ctx, mode, operations);
    return ctx.transaction(async (tx) => {
      const run: BulkRun = {
        id: newId(),
        actorId: tx.actor.userId!,
        keyId: tx.actor.key?.id ?? null,
        mode,
        state: inBackground ? 'queued' : 'done',
        operations: inBackground ? operations : [],
        results,
        total: operations.length,
        error: null,
        createdAt: new Date(),
        finishedAt: inBackground ? null : new Date(),
      };
      if (!inBackground) return run;
      await this.#insert(tx, run);
      tx.announce(new BulkRunOrdered(run.id));
      return run;
    });
  }

  /** Whoever ordered it sees it. @throws BulkRunMissing */
  async get(ctx: TenantContext, id: string): Promise<BulkRun> {
    const run = await findOwnRun(ctx, id);
    if (!run) throw new BulkRunMissing();
    return run;
  }

  async order(ctx: TenantContext, runId: string): Promise<void> {
    await this.jobs.send(
      RUN_BULK,
      { tenantId: ctx.tenant.id, runId },
      { tenantId: ctx.tenant.id, singletonKey: runId },
    );
  }

  /** Goes on where it ended before, with what the person may do by now; after the last attempt it has failed for whoever asks. */
  async perform({ tenantId, runId }: { tenantId: string; runId: string }, job: JobRun): Promise<void> {
    const tenant = await this.directory.findById(tenantId);
    if (!tenant) return;
    try {
      await this.#goOn(await this.contexts.admit(tenant), runId, job);
    } catch (error) {
      if (job.attempt >= RUN_BULK.attempts)
        await this.#finish(await this.contexts.open(tenant), { id: runId }, GIVEN_UP);
      throw error;
    }
  }

  async #insert(tx: TenantContext, run: BulkRun): Promise<void> {
    await tx.query(
      `${AS_WRITER} INSERT INTO platform.bulk_runs (tenant_schema, id, actor_id, key_id, mode, state, operations, total, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        tx.tenant.binding.schema,
        run.id,
        run.actorId,
        run.keyId,
        run.mode,
        run.state,
        JSON.stringify(run.operations),
        run.total,
        run.createdAt,
      ],
    );
  }

  async #goOn(admitted: Tenant, runId: string, job: JobRun): Promise<void> {
    for (;;) {
      const ctx = await this.contexts.open(admitted);
      const run = await findRun(ctx, runId);
      if (!run || run.finishedAt !== null) return;
      const actor = await this.#actorOf(ctx, run);
      if (!actor) return this.#finish(ctx, run, GONE);
      const acting = await this.contexts.open(admitted, actor);
      try {
        await this.#advance(acting, run);
      } catch (error) {
        if (!(error instanceof AppError) || error.kind === 'unavailable') throw error;
        return this.#finish(ctx, run, error);
      }
      job.progress(run.results.length, run.total);
      if (run.results.length === run.total) return this.#finish(ctx, run, null);
      job.signal.throwIfAborted();
    }
  }

  async #advance(ctx: TenantContext, run: BulkRun): Promise<void> {
    const begun = run.results.length;
    const size = run.mode === 'atomic' ? run.total : BATCH;
    const batch = run.operations.slice(begun, begun + size);
    await ctx.transaction(async (tx) => {
      // Another process may have taken the job up, after a pause of this one.
      if ((await lockRun(tx, run)) !== begun) return;
      const results = [...run.results, ...(await this.operations.carryOut(tx, run.mode, batch, begun))];
      await tx.query(
        `UPDATE platform.bulk_runs SET state = 'running', results = $4 WHERE tenant_schema = $1 AND id = $2 AND created_at = $3`,
        [tx.tenant.binding.schema, run.id, run.createdAt, JSON.stringify(results)],
      );
      run.results = results;
    });
  }

  async #finish(ctx: TenantContext, { id }: Pick<BulkRun, 'id'>, error: BulkFailure | null): Promise<void> {
    const failure = error && { code: error.code, message: error.message, details: error.details };
    await ctx.query(
      `${AS_WRITER} UPDATE platform.bulk_runs SET state = $3, error = $4, operations = '[]', finished_at = $5
        WHERE tenant_schema = $1 AND id = $2`,
      [ctx.tenant.binding.schema, id, error ? 'failed' : 'done', failure && JSON.stringify(failure), new Date()],
    );
  }

  async #actorOf(ctx: TenantContext, { actorId, keyId }: BulkRun): Promise<Actor | null> {
    if (keyId === null) return this.actors.findPerson(ctx, actorId);
    const key = await this.apiKeys.findById(ctx, actorId, keyId);
    return key && this.actors.findByKey(ctx, key);
  }
}

const GIVEN_UP: BulkFailure = {
  code: 'given_up',
  message: 'It could not be finished, also after several attempts. What is in the results was done.',
  details: [],
};

const GONE: BulkFailure = {
  code: 'actor_gone',
  message: 'Whoever ordered it is not active any more, or the API key has ended.',
  details: [],
};
