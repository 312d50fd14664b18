import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { callerOf, type AppRequest } from '../http/request.ts';
import { TenantContexts } from '../tenancy/tenant-contexts.ts';
import { TenantRequired } from '../tenancy/tenancy.errors.ts';
import { ActorVerifier } from './actor-verifier.ts';
import { ANONYMOUS } from './actor.ts';
import { OperatorVerifier } from './operator.ts';
import { routeAccess } from './route-access.ts';

/** Finds out who acts and opens the request's context in the tenant; an operator has none. */
@Injectable()
export class ActorGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: ActorVerifier,
    private readonly operators: OperatorVerifier,
    private readonly contexts: TenantContexts,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const access = routeAccess(this.reflector, execution);
    const request = execution.switchToHttp().getRequest<AppRequest>();
    if (access.kind === 'operator') {
      request.operator = await this.operators.verify(request);
      return true;
    }
    if (access.kind === 'public') {
      if (access.tenant !== true) return true;
      if (!request.tenant) throw new TenantRequired();
      request.actor = ANONYMOUS;
    } else {
      if (!request.tenant && !hasCredential(request)) throw new TenantRequired();
      const { actor, tenant } = await this.verifier.verify(request, request.tenant ?? null, callerOf(request));
      request.actor = actor;
      request.tenant = tenant;
    }
    request.context = await this.contexts.open(request.tenant, request.actor, callerOf(request));
    return true;
  }
}

function hasCredential({ headers }: AppRequest): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined;
}
