import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InvalidInput, type ErrorDetail } from '../errors/app-error.ts';
import type { AppRequest } from './request.ts';

const TAKES_QUERY = Symbol('takes a query string');

/** The route reads its query string itself and refuses what it does not know. */
export const TakesQuery = () => SetMetadata(TAKES_QUERY, true);

/** An unknown parameter is an error on every route, not only on lists: a misspelt one must not be ignored. */
@Injectable()
export class QueryGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    const takesQuery = this.reflector.getAllAndOverride<boolean | undefined>(TAKES_QUERY, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    const { query, method } = execution.switchToHttp().getRequest<AppRequest>();
    const parameters = query as Record<string, unknown>;
    // It names the organisation on a GET alone; elsewhere it would be ignored, and nothing is ignored.
    if ('tenant' in parameters && method !== 'GET' && method !== 'HEAD')
      throw new InvalidInput([unknownParameter('tenant')], 'invalid_query');
    if (!takesQuery) refuseOtherQuery(parameters, []);
    return true;
  }
}

/** @throws InvalidInput for each parameter that is not among the known ones (`tenant` always is) */
export function refuseOtherQuery(query: Record<string, unknown>, known: string[]): void {
  const unknown = Object.keys(query).filter((name) => name !== 'tenant' && !known.includes(name));
  if (unknown.length > 0) throw new InvalidInput(unknown.map(unknownParameter), 'invalid_query');
}

export function unknownParameter(name: string): ErrorDetail {
  return { pointer: `?${name}`, code: 'unknown_parameter', message: `There is no parameter ${name}.` };
}
