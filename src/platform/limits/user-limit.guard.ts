import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import type { AppReply, AppRequest } from '../http/request.ts';
import { RateLimited } from './limits.errors.ts';
import { tellLimit } from './rate-headers.ts';
import { RequestCounts } from './request-counts.ts';

/** Counts the request against the person who makes it, however many sessions and addresses they have. */
@Injectable()
export class UserLimitGuard implements CanActivate {
  constructor(
    private readonly counts: RequestCounts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    const { tenant, actor } = execution.switchToHttp().getRequest<AppRequest>();
    // Keys have limits of their own: a program does not use up what its person needs.
    if (!this.config.RATE_LIMIT_ENABLED || !tenant || actor?.kind !== 'user' || actor.userId === null) return true;
    return this.#count(execution, `${tenant.id}:${actor.userId}`);
  }

  async #count(execution: ExecutionContext, person: string): Promise<true> {
    const limit = this.config.RATE_LIMIT_USER;
    const count = await this.counts.count('user', person);
    tellLimit(execution.switchToHttp().getResponse<AppReply>(), 'user', limit, count);
    if (count.used > limit)
      throw new RateLimited(
        `You may make ${limit} requests a minute, and have made ${count.used}.`,
        count.resetSeconds,
      );
    return true;
  }
}
