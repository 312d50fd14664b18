import type { ExecutionContext, Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ACCESS, DURING_ENROLMENT, FRESH_SIGN_IN, type RouteAccess } from './access.decorators.ts';

/** A handler and its controller: a request that is being carried out, or what a test or a document looks at. */
export interface DeclaredRoute extends Pick<ExecutionContext, 'getHandler'> {
  getClass(): Type<unknown>;
}

/** What the route declared; undefined when it declared nothing. */
export function declaredAccess(reflector: Reflector, route: DeclaredRoute): RouteAccess | undefined {
  return reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS, [route.getHandler(), route.getClass()]);
}

/** The same. A route that declares nothing is closed: it fails here for everybody, and in the architecture test. */
export function routeAccess(reflector: Reflector, route: DeclaredRoute): RouteAccess {
  const access = declaredAccess(reflector, route);
  if (!access) {
    throw new Error(
      `${route.getClass().name}.${route.getHandler().name} declares no access: add @Requires, @SignedIn or @Public`,
    );
  }
  return access;
}

/** Whether it wants a sign-in of the last few minutes. */
export function wantsFreshSignIn(reflector: Reflector, route: DeclaredRoute): boolean {
  return says(reflector, route, FRESH_SIGN_IN);
}

/** Whether somebody may call it who still has to set up the second factor that is demanded of them. */
export function isOpenDuringEnrolment(reflector: Reflector, route: DeclaredRoute): boolean {
  return says(reflector, route, DURING_ENROLMENT);
}

/** Whether API keys are kept from it, whatever their scopes. */
export function isForPeople(reflector: Reflector, route: DeclaredRoute, method: string): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return wantsFreshSignIn(reflector, route) || (routeAccess(reflector, route).kind === 'signed-in' && !isReading);
}

function says(reflector: Reflector, route: DeclaredRoute, key: symbol): boolean {
  return reflector.getAllAndOverride<boolean | undefined>(key, [route.getHandler(), route.getClass()]) === true;
}
