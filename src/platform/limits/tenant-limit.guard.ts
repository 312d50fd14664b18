import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AppReply, AppRequest } from '../http/request.ts';
import { RateLimited } from './limits.errors.ts';
import { RequestCounts, WINDOW_SECONDS } from './request-counts.ts';

/**
 * Counts the request against what the tenant's plan includes, and says in each answer what is left of it. Behind the
 * ActorGuard, because the tenant may be named by the token alone. The headers are those of
 * draft-ietf-httpapi-ratelimit-headers.
 */
@Injectable()
export class TenantLimitGuard implements CanActivate {
  constructor(private readonly counts: RequestCounts) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const { tenant, actor } = execution.switchToHttp().getRequest<AppRequest>();
    const limit = tenant?.limits.requestsPerMinute ?? null;
    // Strangers use up nobody's plan: else anybody could keep an organisation out by asking in its name.
    if (!tenant || limit === null || actor?.userId == null) return true;
    const { used, resetSeconds } = await this.counts.count('tenant', tenant.id);
    const reply = execution.switchToHttp().getResponse<AppReply>();
    void reply.header('ratelimit-policy', `"tenant";q=${limit};w=${WINDOW_SECONDS}`);
    void reply.header('ratelimit', `"tenant";r=${Math.max(0, limit - used)};t=${resetSeconds}`);
    if (used > limit) throw new RateLimited({ limit, used, plan: tenant.plan, resetSeconds });
    return true;
  }
}
