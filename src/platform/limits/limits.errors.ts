import { AppError } from '../errors/app-error.ts';

/** By address, person, key or plan; the sentence says which. */
export class RateLimited extends AppError {
  /** @param resetSeconds until requests are counted from zero again */
  constructor(message: string, resetSeconds: number) {
    super('limited', 'rate_limited', `${message} Try again in ${resetSeconds} s.`, { retryAfter: resetSeconds });
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
