import type pg from 'pg';
import { JOBS_SCHEMA } from './install-jobs.ts';

/** How far one attempt is. Of many reports the last is stored: one statement at a time, however often it is called. */
export class JobProgress {
  last: { done: number; total: number } | null = null;
  #writing = false;
  #written: unknown = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly attempt: { id: string; name: string; retryCount: number },
  ) {}

  report(done: number, total: number): void {
    this.last = { done, total };
    if (!this.#writing) void this.#write();
  }

  /** Only while the attempt holds the job: what comes later belongs to nobody. One that fails is not worth an attempt. */
  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#written !== this.last) {
      this.#written = this.last;
      await this.pool
        .query(
          `UPDATE ${JOBS_SCHEMA}.job SET output = $4 WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
          [this.attempt.name, this.attempt.id, this.attempt.retryCount, JSON.stringify({ progress: this.last })],
        )
        .catch(() => undefined);
    }
    this.#writing = false;
  }
}
