import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ACCESS, type RouteAccess } from './access.decorators.ts';

/** What the route declared. One that declares nothing is closed: it fails here for everybody, and in the architecture test. */
export function routeAccess(reflector: Reflector, execution: ExecutionContext): RouteAccess {
  const access = reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS, [
    execution.getHandler(),
    execution.getClass(),
  ]);
  if (!access) {
    throw new Error(
      `${execution.getClass().name}.${execution.getHandler().name} declares no access: add @Requires, @SignedIn or @Public`,
    );
  }
  return access;
}
