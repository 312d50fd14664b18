import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AppReply, AppRequest } from '../http/request.ts';
import { KeyRateLimited } from './limits.errors.ts';
import { RequestCounts, WINDOW_SECONDS } from './request-counts.ts';

/** Counts the request against the limit that was set for its API key, if there is one; its headers stand beside the plan's. */
@Injectable()
export class KeyLimitGuard implements CanActivate {
  constructor(private readonly counts: RequestCounts) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const { tenant, actor } = execution.switchToHttp().getRequest<AppRequest>();
    const { id, requestsPerMinute: limit = null } = actor?.key ?? {};
    if (!tenant || limit === null) return true;
    const { used, resetSeconds } = await this.counts.count('key', `${tenant.id}:${id}`);
    const reply = execution.switchToHttp().getResponse<AppReply>();
    append(reply, 'ratelimit-policy', `"key";q=${limit};w=${WINDOW_SECONDS}`);
    append(reply, 'ratelimit', `"key";r=${Math.max(0, limit - used)};t=${resetSeconds}`);
    if (used > limit) throw new KeyRateLimited(limit, used, resetSeconds);
    return true;
  }
}

/** Both are lists (RFC 9651): one entry for each policy. */
function append(reply: AppReply, name: string, entry: string): void {
  const others = reply.getHeader(name);
  void reply.header(name, others === undefined ? entry : `${String(others)}, ${entry}`);
}
