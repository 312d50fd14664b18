import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { Role } from './role.entity.ts';
import { UnknownRole } from './roles.errors.ts';

@Injectable()
export class RolesService {
  list(ctx: TenantContext): Promise<Role[]> {
    return ctx.repository(Role).find({ order: { level: 'DESC', key: 'ASC' } });
  }

  /** @throws UnknownRole naming the first that does not exist */
  async getByKeys(ctx: TenantContext, keys: string[]): Promise<Role[]> {
    const roles = await ctx.repository(Role).findBy({ key: In(keys) });
    const missing = keys.findIndex((key) => !roles.some((role) => role.key === key));
    if (missing >= 0) throw new UnknownRole(keys[missing]!, missing);
    return roles;
  }
}
