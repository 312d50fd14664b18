export interface JobOptions {
  /** Stable: stored jobs are found by it. An order in kebab-case, such as `send-reminders`. */
  name: string;
  /** How often it is tried before it is dead. */
  attempts?: number;
  /** Seconds before the second attempt; doubled each time, up to an hour, and spread so that not all come at once. */
  pauseSeconds?: number;
  /** Seconds after which an attempt counts as failed and its signal is aborted. */
  timeoutSeconds?: number;
  /** How many of its kind one process works on at a time. */
  concurrency?: number;
}

/**
 * An order that outlives the process that gave it. Payload and result survive JSON and hold ids rather than records:
 * the job may run much later. They are stored in the registry's database, so nothing of a tenant's own data is in them.
 */
export interface Job<Payload extends object, Result> extends Required<JobOptions> {
  /** Never there: carries the types from the declaration to `send` and to the handler. */
  readonly types?: { payload: Payload; result: Result };
}

const DEFAULTS = { attempts: 5, pauseSeconds: 2, timeoutSeconds: 300, concurrency: 2 };

export function defineJob<Payload extends object, Result = void>(options: JobOptions): Job<Payload, Result> {
  return { ...DEFAULTS, ...options };
}

/** What a handler is told about the attempt it makes. */
export interface JobRun {
  id: string;
  /** 1 for the first. */
  attempt: number;
  tenantId: string | null;
  /** Aborted when the attempt has taken too long, when another process has taken the job up, and when this one stops. */
  signal: AbortSignal;
  /** For those who wait to see; stored soon, and without effect once the attempt is over. */
  progress(done: number, total: number): void;
}

export type JobHandler<Payload extends object, Result> = (payload: Payload, run: JobRun) => Promise<Result>;

/**
 * - `queued`: waits for a worker
 * - `failed`: an attempt failed, another one will be made
 * - `dead`: all attempts failed; it stays until somebody has it tried again, or for a month
 */
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'dead';

/** A job as others may see it. */
export interface JobReport {
  id: string;
  name: string;
  tenantId: string | null;
  state: JobState;
  /** Begun so far. */
  attempts: number;
  progress: { done: number; total: number } | null;
  /** Why the last attempt failed, in words that a caller may read. */
  error: string | null;
  /** What the handler gave; null before it is done. */
  result: unknown;
  createdAt: Date;
  /** When the last attempt began. */
  startedAt: Date | null;
  finishedAt: Date | null;
}
