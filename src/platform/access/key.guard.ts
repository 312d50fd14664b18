import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AppRequest } from '../http/request.ts';
import { FRESH_SIGN_IN } from './access.decorators.ts';
import { KeyRefused } from './access.errors.ts';
import { routeAccess } from './route-access.ts';

/**
 * Keeps API keys from what only a person may do: routes that want a fresh sign-in, and changes of oneself, for which no
 * permission could be taken from the key. Reading about oneself is open to it.
 */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    const { actor, method } = execution.switchToHttp().getRequest<AppRequest>();
    if (actor?.kind !== 'key') return true;
    const forPeople = this.reflector.getAllAndOverride<boolean | undefined>(FRESH_SIGN_IN, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    const isReading = method === 'GET' || method === 'HEAD';
    if (forPeople || (routeAccess(this.reflector, execution).kind === 'signed-in' && !isReading))
      throw new KeyRefused();
    return true;
  }
}
