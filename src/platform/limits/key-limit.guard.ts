import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AppReply, AppRequest } from '../http/request.ts';
import { KeyRateLimited } from './limits.errors.ts';
import { tellLimit } from './rate-headers.ts';
import { RequestCounts } from './request-counts.ts';

/** Counts the request against the limit that was set for its API key, if there is one. */
@Injectable()
export class KeyLimitGuard implements CanActivate {
  constructor(private readonly counts: RequestCounts) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    const { tenant, actor } = execution.switchToHttp().getRequest<AppRequest>();
    const { id, requestsPerMinute: limit = null } = actor?.key ?? {};
    if (!tenant || limit === null) return true;
    return this.#count(execution, `${tenant.id}:${id}`, limit);
  }

  async #count(execution: ExecutionContext, key: string, limit: number): Promise<true> {
    const count = await this.counts.count('key', key);
    tellLimit(execution.switchToHttp().getResponse<AppReply>(), 'key', limit, count);
    if (count.used > limit) throw new KeyRateLimited(limit, count.used, count.resetSeconds);
    return true;
  }
}
