import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AppRequest } from '../http/request.ts';
import { KeyRefused } from './access.errors.ts';
import { isForPeople } from './route-access.ts';

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
    if (isForPeople(this.reflector, execution, method)) throw new KeyRefused();
    return true;
  }
}
