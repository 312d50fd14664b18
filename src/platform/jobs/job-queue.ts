import pg from 'pg';
import type { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { JOBS_SCHEMA } from './install-jobs.ts';

const CONNECTIONS = 2;
const QUERY_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How often jobs whose process is gone, or that take too long, are looked for. */
const SUPERVISE_SECONDS = 10;
/** Nothing here waits for other jobs. As rarely as pg-boss lets us. */
const FLOW_SECONDS = 86_400;

/**
 * pg-boss on connections of our own: at most two, through a pooler too, and none before the first job is sent or
 * waited for. It is loaded and started then, so that the start of the product does not wait for it.
 */
export class JobQueue {
  readonly pool: pg.Pool;
  readonly #known = new Map<string, Promise<void>>();
  #boss: Promise<PgBoss> | null = null;

  /** @param supervise whether this process looks after the jobs of others that died */
  constructor(
    url: string,
    private readonly supervise: boolean,
    private readonly log: Logger,
  ) {
    this.pool = new pg.Pool({
      connectionString: url,
      application_name: 'projectflow jobs',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    this.pool.on('error', (error) => log.warn({ err: error }, 'idle job connection lost'));
    this.pool.on('connect', (client) => client.on('error', (error) => log.warn({ err: error }, 'job connection lost')));
  }

  /** Started, and knowing the job. Tried anew at the next call when it fails. */
  async for({ name }: { name: string }): Promise<PgBoss> {
    const boss = await this.#started();
    let known = this.#known.get(name);
    if (!known) {
      // Of jobs with the same key one is unfinished at a time; keys are made so that jobs without one never meet.
      known = boss.createQueue(name, { policy: 'exclusive' });
      this.#known.set(name, known);
      known.catch(() => this.#known.delete(name));
    }
    await known;
    return boss;
  }

  /** Null when no job was sent or waited for here. */
  async running(): Promise<PgBoss | null> {
    return (await this.#boss?.catch(() => null)) ?? null;
  }

  /** Leaves to others what this process has not finished. */
  async close(): Promise<void> {
    const boss = await this.running();
    await boss
      ?.stop({ graceful: false })
      .catch((error: unknown) => this.log.warn({ err: error }, 'the job queue did not stop'));
    await this.pool.end();
  }

  #started(): Promise<PgBoss> {
    if (!this.#boss) {
      const starting = this.#start();
      this.#boss = starting;
      starting.catch(() => (this.#boss = null));
    }
    return this.#boss;
  }

  async #start(): Promise<PgBoss> {
    const { PgBoss: Boss } = await import('pg-boss');
    const boss = new Boss({
      db: { executeSql: (text, values) => this.pool.query(text, values) },
      schema: JOBS_SCHEMA,
      migrate: false,
      schedule: false,
      supervise: this.supervise,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
      flowIntervalSeconds: FLOW_SECONDS,
      // Both need more than the login may do.
      reindex: false,
      monitorVacuum: false,
    });
    boss.on('error', (error) => this.log.warn({ err: error }, 'the job queue failed'));
    boss.on('warning', (warning) => this.log.warn(warning, 'the job queue warns'));
    try {
      return await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw error;
    }
  }
}
