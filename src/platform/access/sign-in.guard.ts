import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AppRequest } from '../http/request.ts';
import { FreshSignInRequired, SecondFactorRequired } from './access.errors.ts';
import { isOpenDuringEnrolment, wantsFreshSignIn } from './route-access.ts';

/** OWASP ASVS 5.0, 7.5.1: how long ago somebody may have proved who they are, before what could lock them out. */
const FRESH_MS = 5 * 60_000;

/** Is the sign-in good enough for this route: with the second factor that is demanded, and recent where it has to be? */
@Injectable()
export class SignInGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    const { actor } = execution.switchToHttp().getRequest<AppRequest>();
    if (!actor || actor.userId === null) return true;
    if (actor.mustEnrol && !isOpenDuringEnrolment(this.reflector, execution)) throw new SecondFactorRequired();
    if (!wantsFreshSignIn(this.reflector, execution)) return true;
    const age = actor.authenticatedAt ? Date.now() - actor.authenticatedAt.getTime() : Infinity;
    if (age > FRESH_MS) throw new FreshSignInRequired();
    return true;
  }
}
