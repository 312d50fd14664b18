import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { catchError, from, mergeMap, type Observable } from 'rxjs';
import { AppError } from '../errors/app-error.ts';
import { callerOf, type AppRequest } from '../http/request.ts';
import type { OperatorAccess } from './access.decorators.ts';
import { Unauthenticated } from './access.errors.ts';
import { OperatorRecord } from './operator.ts';
import { routeAccess } from './route-access.ts';

/**
 * Puts on record what an operator does: before it is done, so that a process which dies leaves a trace, and with what
 * became of it. Routes that only read declare no action, and leave none.
 */
@Injectable()
export class OperatorActs implements NestInterceptor<unknown, unknown> {
  constructor(
    private readonly reflector: Reflector,
    private readonly record: OperatorRecord,
  ) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const access = routeAccess(this.reflector, execution);
    if (access.kind !== 'operator' || access.action === null) return next.handle();
    const request = execution.switchToHttp().getRequest<AppRequest>();
    return from(this.#begin(request, access, access.action)).pipe(
      mergeMap((id) =>
        next.handle().pipe(
          catchError(async (error: unknown) => {
            await this.record.end(id, { refused: error instanceof AppError ? error.code : 'failed' });
            throw error;
          }),
          mergeMap(async (answer: unknown) => {
            await this.record.end(id, { target: targetOf(request) ?? idOf(answer) });
            return answer;
          }),
        ),
      ),
    );
  }

  #begin(request: AppRequest, { details: named }: OperatorAccess, action: string): Promise<string> {
    const { operator } = request;
    if (!operator) throw new Unauthenticated();
    const body = (request.body ?? {}) as Record<string, unknown>;
    const details = Object.fromEntries(named.filter((name) => name in body).map((name) => [name, body[name]]));
    return this.record.begin({ operator, caller: callerOf(request), action, target: targetOf(request), details });
  }
}

/** Routes name what they act on by its id or its name; a route has one of them. */
function targetOf(request: AppRequest): string | null {
  return Object.values(request.params as Record<string, string>)[0] ?? null;
}

function idOf(answer: unknown): string | null {
  const { id, name } = (answer ?? {}) as { id?: unknown; name?: unknown };
  if (typeof id === 'string') return id;
  return typeof name === 'string' ? name : null;
}
