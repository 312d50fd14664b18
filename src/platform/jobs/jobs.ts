import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { News } from '../cache/news.ts';
import { JOBS_SCHEMA } from './install-jobs.ts';
import type { Job, JobReport } from './job.ts';
import { JobQueue } from './job-queue.ts';
import type { ListQuery } from '../database/list-query.types.ts';
import { listPage } from '../database/keyset.ts';
import type { Page } from '../database/page.ts';
import { JOB_COLUMNS, LISTED_JOBS, poolReader, toReport, type JobRow } from './job-report.ts';

/** The topic under which workers hear that a job was sent, with its name. */
export const JOB_SENT = 'job';

export interface SendOptions {
  /** Whose job it is: they alone can find it. */
  tenantId?: string;
  /** While a job with this key is not finished, another one with it (of the same job and tenant) is not made. */
  singletonKey?: string;
  /** It is performed no earlier. */
  afterSeconds?: number;
}

const HEARTBEAT_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 3_600;
const MONTH_SECONDS = 30 * 86_400;
const MOST_DEAD = 100;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Orders that outlive this process: given here, performed by whichever process does background work. */
@Injectable()
export class Jobs {
  constructor(
    private readonly queue: JobQueue,
    private readonly news: News,
  ) {}

  /**
   * Stores the job; from then on it is performed at least once. Outside any transaction of a tenant: send it from a
   * listener when it shall follow a commit.
   *
   * @returns its id, or the id of the unfinished job with the same key
   */
  async send<Payload extends object, Result>(
    job: Job<Payload, Result>,
    payload: Payload,
    { tenantId, singletonKey, afterSeconds = 0 }: SendOptions = {},
  ): Promise<string> {
    const boss = await this.queue.for(job);
    const key = singletonKey === undefined ? randomUUID() : `${tenantId ?? ''}:${singletonKey}`;
    for (;;) {
      const id = await boss.send(job.name, payload, {
        singletonKey: key,
        startAfter: afterSeconds,
        ...(tenantId === undefined ? {} : { group: { id: tenantId } }),
        retryLimit: job.attempts - 1,
        retryDelay: job.pauseSeconds,
        retryBackoff: true,
        retryDelayMax: LONGEST_PAUSE_SECONDS,
        expireInSeconds: job.timeoutSeconds,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        retentionSeconds: MONTH_SECONDS,
        deleteAfterSeconds: MONTH_SECONDS,
      });
      if (id !== null) {
        await this.news.publish(JOB_SENT, job.name);
        return id;
      }
      const unfinished = await this.#unfinished(job.name, key);
      // Else it was finished just now, and the key is free.
      if (unfinished !== null) return unfinished;
    }
  }

  /** @param tenantId whose it must be; null for a job that was sent for no tenant */
  async find(id: string, tenantId: string | null): Promise<JobReport | null> {
    const { rows } = await this.queue.pool.query<JobRow>(
      // By way of the few names, because that is what the index begins with.
      `SELECT ${JOB_COLUMNS} FROM ${JOBS_SCHEMA}.queue q JOIN ${JOBS_SCHEMA}.job j ON j.name = q.name
        WHERE j.id = $1 AND j.group_id IS NOT DISTINCT FROM $2`,
      [id, tenantId],
    );
    return rows[0] ? toReport(rows[0]) : null;
  }

  /** Whoever's it is. For operators. */
  async findAny(id: string): Promise<JobReport | null> {
    const { rows } = await this.queue.pool.query<JobRow>(
      `SELECT ${JOB_COLUMNS} FROM ${JOBS_SCHEMA}.queue q JOIN ${JOBS_SCHEMA}.job j ON j.name = q.name WHERE j.id = $1`,
      [id],
    );
    return rows[0] ? toReport(rows[0]) : null;
  }

  /** Of all tenants, and of none. For operators. */
  async page(query: ListQuery): Promise<Page<JobReport>> {
    return (await listPage<JobRow>(poolReader(this.queue.pool), LISTED_JOBS, query)).map(toReport);
  }

  /** The jobs that are not tried any more, of all tenants, the last to die first; a hundred at most. For operators. */
  async dead(): Promise<JobReport[]> {
    const { rows } = await this.queue.pool.query<JobRow>(
      `SELECT ${JOB_COLUMNS} FROM ${JOBS_SCHEMA}.job j WHERE j.state = 'failed' ORDER BY j.completed_on DESC LIMIT $1`,
      [MOST_DEAD],
    );
    return rows.map(toReport);
  }

  /** Has a dead job tried once more, under its id. For operators. @returns whether there was such a one */
  async retry(id: string): Promise<boolean> {
    if (!UUID.test(id)) return false;
    const { rows } = await this.queue.pool.query<{ name: string }>(
      `UPDATE ${JOBS_SCHEMA}.job j
          SET state = 'retry', retry_limit = retry_count + 1, completed_on = NULL, start_after = now(),
              keep_until = now() + make_interval(secs => $2)
         FROM ${JOBS_SCHEMA}.queue q WHERE j.name = q.name AND j.id = $1 AND j.state = 'failed'
          AND NOT EXISTS (SELECT 1 FROM ${JOBS_SCHEMA}.job other
                           WHERE other.name = j.name AND other.singleton_key = j.singleton_key AND other.state <= 'active')
        RETURNING j.name`,
      [id, MONTH_SECONDS],
    );
    if (!rows[0]) return false;
    await this.news.publish(JOB_SENT, rows[0].name);
    return true;
  }

  /** Of a tenant that is removed for good. What is at work on one finds nothing to settle when it is done. */
  async removeAll(tenantId: string): Promise<void> {
    await this.queue.pool.query(`DELETE FROM ${JOBS_SCHEMA}.job WHERE group_id = $1`, [tenantId]);
  }

  async #unfinished(name: string, key: string): Promise<string | null> {
    const { rows } = await this.queue.pool.query<{ id: string }>(
      `SELECT id FROM ${JOBS_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND state <= 'active'`,
      [name, key],
    );
    return rows[0]?.id ?? null;
  }
}
