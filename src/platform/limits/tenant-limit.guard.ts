import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AppReply, AppRequest } from '../http/request.ts';
import type { Tenant } from '../tenancy/tenant.types.ts';
import { RateLimited } from './limits.errors.ts';
import { tellLimit } from './rate-headers.ts';
import { RequestCounts } from './request-counts.ts';

/**
 * Counts the request against what the tenant's plan includes. Behind the ActorGuard, because the tenant may be named by
 * the token alone.
 */
@Injectable()
export class TenantLimitGuard implements CanActivate {
  constructor(private readonly counts: RequestCounts) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    const { tenant, actor } = execution.switchToHttp().getRequest<AppRequest>();
    const limit = tenant?.limits.requestsPerMinute ?? null;
    // Strangers use up nobody's plan: else anybody could keep an organisation out by asking in its name.
    if (!tenant || limit === null || actor?.userId == null) return true;
    return this.#count(execution, tenant, limit);
  }

  async #count(execution: ExecutionContext, tenant: Tenant, limit: number): Promise<true> {
    const count = await this.counts.count('tenant', tenant.id);
    tellLimit(execution.switchToHttp().getResponse<AppReply>(), 'tenant', limit, count);
    if (count.used > limit)
      throw new RateLimited(
        `The plan ${tenant.plan} includes ${limit} requests a minute, and your organisation has made ${count.used}. A larger plan includes more.`,
        count.resetSeconds,
      );
    return true;
  }
}
