import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { routeAccess } from '../access/route-access.ts';
import type { AppRequest } from '../http/request.ts';
import { TenantContexts } from './tenant-contexts.ts';
import { TenantResolver } from './tenant-resolver.ts';

/**
 * The tenant middleware: reads the domain header, subdomain or query and leaves the tenant on the request. A guard
 * rather than a connect middleware, because only a guard knows the route and whether it has a tenant at all.
 */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly resolver: TenantResolver,
    private readonly contexts: TenantContexts,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const access = routeAccess(this.reflector, execution);
    if (access.kind === 'operator' || (access.kind === 'public' && !access.tenant)) return true;
    const request = execution.switchToHttp().getRequest<AppRequest>();
    const tenant = await this.resolver.resolve({
      header: oneValue(request.headers['x-tenant-domain']),
      host: request.hostname,
      query:
        request.method === 'GET' || request.method === 'HEAD'
          ? oneValue((request.query as Record<string, unknown>)['tenant'])
          : undefined,
    });
    if (!tenant) return true;
    request.tenant = await this.contexts.admit(tenant);
    return true;
  }
}

/** A header or parameter that was sent twice names nobody. */
function oneValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : '';
}
