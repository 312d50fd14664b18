import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';

/** Requests are counted in windows of a minute; the first one opens a window. */
export const WINDOW_SECONDS = 60;

/** Whose requests are counted; it is also the name of the policy in the headers. */
export type CountedBy = 'tenant' | 'key';

export interface RequestCount {
  /** Requests in this window, with the one that was just counted. */
  used: number;
  /** Whole seconds until the next window, at least 1. */
  resetSeconds: number;
}

/**
 * How many requests there were in the current minute: over all instances with Redis, else in this one. While Redis is
 * away each instance counts for itself, so that a limit is a bit looser and nobody is turned away for it.
 */
export class RequestCounts {
  readonly #counts: RateLimiterAbstract;

  /** @param prefix of all keys: several installations may share a Redis */
  constructor(redis: Redis | null, prefix: string) {
    // Its own limit is never reached: limits differ from tenant to tenant, and whoever asks compares.
    const options = { points: Number.MAX_SAFE_INTEGER, keyPrefix: `${prefix}:requests`, duration: WINDOW_SECONDS };
    const memory = new RateLimiterMemory(options);
    this.#counts = redis
      ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory, rejectIfRedisNotReady: true })
      : memory;
  }

  async count(by: CountedBy, key: string): Promise<RequestCount> {
    // A penalty counts and never refuses.
    const { consumedPoints, msBeforeNext } = await this.#counts.penalty(`${by}:${key}`);
    return { used: consumedPoints, resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) };
  }
}
