import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { routeAccess } from '../access/route-access.ts';
import type { AppRequest } from '../http/request.ts';
import { TAKES_UPLOAD } from '../http/uploads.ts';
import { PlanLimitReached } from '../tenancy/tenancy.errors.ts';

/** Permissions to add something. They also allow to change and delete one's own, so it is the method that adds. */
const ADDS = /\.(?:create|comment)$/;

/** Turns away what would add data to a tenant whose storage is used up, as it was last measured. */
@Injectable()
export class StorageGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    const { tenant, method } = execution.switchToHttp().getRequest<AppRequest>();
    const allowed = tenant?.limits.storageBytes ?? null;
    if (!tenant || allowed === null || tenant.storageBytes < allowed) return true;
    const isUpload = this.reflector.get<boolean | undefined>(TAKES_UPLOAD, execution.getHandler()) === true;
    if (!isUpload && !this.#adds(execution, method)) return true;
    throw new PlanLimitReached({ of: 'bytes of storage', allowed, used: tenant.storageBytes, plan: tenant.plan });
  }

  #adds(execution: ExecutionContext, method: string): boolean {
    const access = routeAccess(this.reflector, execution);
    return method === 'POST' && access.kind === 'requires' && ADDS.test(access.permission);
  }
}
