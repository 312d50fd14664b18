import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobWithMetadata } from 'pg-boss';
import type { Logger } from 'pino';
import { News } from '../cache/news.ts';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { TenantDamaged } from '../database/database.errors.ts';
import { AppError } from '../errors/app-error.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Damage } from '../tenancy/damage.ts';
import { TenantContexts } from '../tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../tenancy/tenant.types.ts';
import { JOBS_SCHEMA } from './install-jobs.ts';
import { JobHandlers, type AnyHandler, type AnyJob } from './job-handlers.ts';
import { JobQueue } from './job-queue.ts';
import { UNEXPECTED, type JobOutput } from './job-report.ts';
import { JobProgress } from './job-progress.ts';
import { JOB_SENT } from './jobs.ts';

type Attempt = Pick<JobWithMetadata, 'id' | 'name' | 'retryCount'>;

/** News wake a worker at once; this is for those that were lost. */
const LOOK_SECONDS = 2;
const BEAT_SECONDS = 3;
const AGAIN_MS = 2_000;
/** What running jobs are given at shutdown, from their signal on. */
const GRACE_MS = 5_000;
/** How often a job is looked at whose tenant is not served. */
const POSTPONED_SECONDS = 15;

/** What pg-boss stores of an attempt that failed. The cause is in the log; callers read this. */
class AttemptFailed extends Error {
  constructor(private readonly output: JobOutput) {
    super(output.error);
  }

  toJSON(): JobOutput {
    return this.output;
  }
}

/** Performs the jobs for which some provider has a handler, where background work is done. */
@Injectable()
export class JobWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stopping = new AbortController();
  readonly #running = new Set<Attempt>();
  readonly #workers = new Map<string, string[]>();

  constructor(
    private readonly queue: JobQueue,
    private readonly news: News,
    private readonly handlers: JobHandlers,
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
    private readonly damage: Damage,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const handlers = this.handlers.find();
    if (!this.config.WORKER) return;
    this.news.on(JOB_SENT, (name) => void this.#wake(name));
    // In the background: a queue that does not answer yet is no reason to serve nobody.
    for (const [job, handler] of handlers) void this.#work(job, handler);
  }

  /**
   * Running jobs hear by their signal that the process stops. What is not finished in time is given back, to be taken
   * up by another process at once; that costs it no attempt.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort(new Error('the process stops'));
    const boss = await this.queue.running();
    if (!boss) return;
    const finished = Promise.all([...this.#workers.keys()].map((name) => boss.offWork(name, { wait: true })));
    const late = sleep(GRACE_MS, undefined, { ref: false });
    await Promise.race([finished, late]);
    await Promise.all([...this.#running].map((attempt) => this.#giveBack(attempt)));
  }

  async #work(job: AnyJob, handler: AnyHandler): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const boss = await this.queue.for(job);
        // The stop may have come while it started.
        if (this.#stopping.signal.aborted) return;
        const options = {
          localConcurrency: job.concurrency,
          pollingIntervalSeconds: LOOK_SECONDS,
          heartbeatRefreshSeconds: BEAT_SECONDS,
          includeMetadata: true,
        } as const;
        // One at a time: each of the concurrent workers takes its own.
        await boss.work(job.name, options, ([taken]: JobWithMetadata[]) => this.#perform(job, handler, taken!));
        this.#workers.set(
          job.name,
          boss
            .getWipData()
            .filter(({ name }) => name === job.name)
            .map(({ id }) => id),
        );
        return;
      } catch (error) {
        this.log.warn({ err: error, job: job.name }, 'the job queue does not answer yet');
        await sleep(AGAIN_MS, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  async #wake(name: string): Promise<void> {
    const boss = await this.queue.running();
    for (const worker of this.#workers.get(name) ?? []) boss?.notifyWorker(worker);
  }

  async #perform(job: AnyJob, handler: AnyHandler, taken: JobWithMetadata): Promise<JobOutput> {
    const progress = new JobProgress(this.queue.pool, taken);
    const about = {
      job: job.name,
      jobId: taken.id,
      attempt: taken.retryCount + 1,
      tenantId: taken.groupId ?? undefined,
    };
    const started = performance.now();
    this.#running.add(taken);
    try {
      if (await this.#mustWait(taken)) {
        await this.#postpone(taken);
        return {};
      }
      const result = await handler(taken.data, {
        id: taken.id,
        attempt: taken.retryCount + 1,
        tenantId: taken.groupId ?? null,
        signal: AbortSignal.any([taken.signal, this.#stopping.signal]),
        progress: (done, total) => progress.report(done, total),
      });
      this.log.info({ ...about, ms: Math.round(performance.now() - started) }, 'job done');
      return { result: result ?? null, progress: progress.last };
    } catch (raw) {
      const error = await this.damage.explain(raw);
      if (error instanceof TenantDamaged) {
        this.log.warn({ ...about, err: raw }, 'the tenant is damaged; its job waits');
        await this.#postpone(taken);
        return {};
      }
      // Given back, or taken up by another process: pg-boss will find nothing to settle.
      if (this.#stopping.signal.aborted) await this.#giveBack(taken);
      const dead = taken.retryCount >= taken.retryLimit && !this.#stopping.signal.aborted;
      this.log[dead ? 'error' : 'warn']({ ...about, err: error }, dead ? 'job given up' : 'job not done yet');
      const safe = error instanceof AppError && error.kind !== 'internal';
      throw new AttemptFailed({ error: safe ? error.message : UNEXPECTED, progress: progress.last });
    } finally {
      this.#running.delete(taken);
    }
  }

  /** Its tenant is suspended, deleted, being moved or behind in its schema. */
  async #mustWait({ groupId }: JobWithMetadata): Promise<boolean> {
    const tenant = groupId ? await this.directory.findById(groupId) : null;
    return tenant !== null && !this.contexts.canServe(tenant);
  }

  /** As if it had never been taken, so that waiting costs no attempt. pg-boss will find nothing to settle. */
  async #postpone({ id, name, retryCount }: Attempt): Promise<void> {
    await this.queue.pool.query(
      `UPDATE ${JOBS_SCHEMA}.job
          SET state = 'retry', started_on = NULL, output = NULL, start_after = now() + make_interval(secs => $4)
        WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
      [name, id, retryCount, POSTPONED_SECONDS],
    );
  }

  async #giveBack({ id, name, retryCount }: Attempt): Promise<void> {
    await this.queue.pool
      .query(
        `UPDATE ${JOBS_SCHEMA}.job SET state = 'retry', retry_limit = retry_limit + 1, start_after = now(), output = NULL
          WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
        [name, id, retryCount],
      )
      .then(() => this.news.publish(JOB_SENT, name))
      .catch((error: unknown) => this.log.warn({ err: error, job: name, jobId: id }, 'job not given back'));
  }
}
