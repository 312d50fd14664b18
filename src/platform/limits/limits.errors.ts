import { AppError } from '../errors/app-error.ts';

export class RateLimited extends AppError {
  /** @param resetSeconds until requests are counted from zero again */
  constructor({
    limit,
    used,
    plan,
    resetSeconds,
  }: {
    limit: number;
    used: number;
    plan: string;
    resetSeconds: number;
  }) {
    super(
      'limited',
      'rate_limited',
      `The plan ${plan} includes ${limit} requests a minute, and your organisation has made ${used}. Try again in ${resetSeconds} s, or choose a larger plan.`,
      { retryAfter: resetSeconds },
    );
  }
}

export class KeyRateLimited extends AppError {
  constructor(limit: number, used: number, resetSeconds: number) {
    super(
      'limited',
      'key_rate_limited',
      `This API key may make ${limit} requests a minute, and it has made ${used}. Try again in ${resetSeconds} s.`,
      { retryAfter: resetSeconds },
    );
  }
}
