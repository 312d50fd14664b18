import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { Actor } from '../access/actor.ts';
import type { Operator } from '../access/operator.ts';
import type { TenantContext } from '../tenancy/tenant-context.ts';
import type { Tenant } from '../tenancy/tenant.types.ts';

/** What the pipeline leaves on the request, in this order. */
export interface AppRequest extends FastifyRequest {
  tenant?: Tenant;
  actor?: Actor;
  /** In place of tenant and actor, on routes for operators. */
  operator?: Operator;
  context?: TenantContext;
}

export type AppReply = FastifyReply;

/** The request's TenantContext. Only on routes that have a tenant. */
export const Ctx = createParamDecorator((_: unknown, execution: ExecutionContext): TenantContext => {
  const { context } = execution.switchToHttp().getRequest<AppRequest>();
  if (!context) throw new Error('@Ctx() on a route that has no tenant');
  return context;
});

export const From = createParamDecorator((_: unknown, execution: ExecutionContext): Caller =>
  callerOf(execution.switchToHttp().getRequest<AppRequest>()),
);

/** Who calls a route for operators. */
export const ActingOperator = createParamDecorator((_: unknown, execution: ExecutionContext): Operator => {
  const { operator } = execution.switchToHttp().getRequest<AppRequest>();
  if (!operator) throw new Error('@ActingOperator() on a route that is not for operators');
  return operator;
});

export function callerOf({ id, ip, headers }: FastifyRequest): Caller {
  return { requestId: id, address: ip, userAgent: headers['user-agent']?.slice(0, 500) ?? null };
}

/** The tenant that the request names, on routes where that is optional. */
export const AddressedTenant = createParamDecorator(
  (_: unknown, execution: ExecutionContext): Tenant | null =>
    execution.switchToHttp().getRequest<AppRequest>().tenant ?? null,
);
