import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import type { AppReply, AppRequest } from '../http/request.ts';
import { networkOf } from './addresses.ts';
import { RateLimited } from './limits.errors.ts';
import { tellLimit } from './rate-headers.ts';
import { RequestCounts } from './request-counts.ts';

/** What balancers ask, all from one address and often. */
const UNCOUNTED = /^\/(?:health|ready)\b/;

/** Counts the request against its address, before anything is looked up for it. */
@Injectable()
export class AddressLimitGuard implements CanActivate {
  constructor(
    private readonly counts: RequestCounts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    const { ip, url } = execution.switchToHttp().getRequest<AppRequest>();
    if (!this.config.RATE_LIMIT_ENABLED || UNCOUNTED.test(url)) return true;
    return this.#count(execution, ip);
  }

  async #count(execution: ExecutionContext, ip: string): Promise<true> {
    const limit = this.config.RATE_LIMIT_ADDRESS;
    const count = await this.counts.count('address', networkOf(ip));
    tellLimit(execution.switchToHttp().getResponse<AppReply>(), 'address', limit, count);
    if (count.used > limit)
      throw new RateLimited(`One address may make ${limit} requests a minute.`, count.resetSeconds);
    return true;
  }
}
