import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';

/** Seconds in which what is limited is counted; the first request opens a window. Their names are those of the headers. */
export const WINDOWS = {
  address: 60,
  user: 60,
  key: 60,
  tenant: 60,
  /** Attempts that failed, by address and account. */
  'sign-in': 900,
  upload: 3_600,
  /** By recipient, and by recipient and who asks. */
  mail: 3_600,
  /** Organisations, by network and by address of their owner. */
  'sign-up': 3_600,
  'sign-up-day': 86_400,
  /** Mails to somebody who has not asked for them, over all organisations. */
  recipient: 3_600,
  'recipient-day': 86_400,
} as const;

/** Whose or which requests are counted. */
export type CountedBy = keyof typeof WINDOWS;

export interface RequestCount {
  /** Requests in this window, with the one that was just counted. */
  used: number;
  /** Whole seconds until the next window, at least 1. */
  resetSeconds: number;
}

/**
 * How many requests there were in the current window: over all instances with Redis, else in this one. While Redis is
 * away each instance counts for itself, so that a limit is a bit looser and nobody is turned away for it.
 */
export class RequestCounts {
  readonly #counts: RateLimiterAbstract;

  /** @param prefix of all keys: several installations may share a Redis */
  constructor(redis: Redis | null, prefix: string) {
    // Its own limit is never reached: limits differ from tenant to tenant, and whoever asks compares.
    const options = { points: Number.MAX_SAFE_INTEGER, keyPrefix: `${prefix}:requests`, duration: WINDOWS.tenant };
    const memory = new RateLimiterMemory(options);
    this.#counts = redis
      ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory, rejectIfRedisNotReady: true })
      : memory;
  }

  async count(by: CountedBy, key: string): Promise<RequestCount> {
    // A penalty counts and never refuses.
    const counted = await this.#counts.penalty(`${by}:${key}`, 1, { customDuration: WINDOWS[by] });
    return asCount(counted);
  }

  /** Without counting. */
  async read(by: CountedBy, key: string): Promise<RequestCount> {
    const counted = await this.#counts.get(`${by}:${key}`);
    return counted ? asCount(counted) : { used: 0, resetSeconds: WINDOWS[by] };
  }
}

function asCount({ consumedPoints, msBeforeNext }: { consumedPoints: number; msBeforeNext: number }): RequestCount {
  return { used: consumedPoints, resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) };
}
