import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AppRequest } from '../http/request.ts';
import { couldEver } from './abilities.ts';
import { PermissionDenied, Unauthenticated } from './access.errors.ts';
import { routeAccess } from './route-access.ts';

/** Refuses before any side effect whoever could never do this; whether this record is among those, the policy decides. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    const access = routeAccess(this.reflector, execution);
    if (access.kind !== 'requires') return true;
    const { actor } = execution.switchToHttp().getRequest<AppRequest>();
    if (!actor) throw new Unauthenticated();
    if (!couldEver(actor, access.permission)) throw new PermissionDenied(access.permission);
    return true;
  }
}
