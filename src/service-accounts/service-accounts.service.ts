import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UsersService } from '../users/users.service.ts';
import type { UserRow } from '../users/users.types.ts';
import { ServiceAccountMissing } from './service-accounts.errors.ts';

/** Accounts of programs: users that act by API key alone, have roles like people and take no place in the plan. */
@Injectable()
export class ServiceAccountsService {
  constructor(private readonly users: UsersService) {}

  list(ctx: TenantContext, query: ListQuery): Promise<Page<UserRow>> {
    const only = [
      { field: 'kind', operator: 'eq' as const, values: ['service'] },
      { field: 'active', operator: 'eq' as const, values: ['true'] },
    ];
    return this.users.list(ctx, { ...query, conditions: [...query.conditions, ...only] });
  }

  /** @throws ServiceAccountMissing for a person as well */
  async get(ctx: TenantContext, id: string): Promise<UserRow> {
    const account = await this.users.find(ctx, id);
    if (account?.kind !== 'service' || !account.active) throw new ServiceAccountMissing();
    return account;
  }

  /** @throws UnknownRole, UserOutOfReach for a role above the actor's own, and for owner */
  async create(ctx: TenantContext, { name, roles }: { name: string; roles: string[] }): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      const account = await this.users.create(tx, {
        kind: 'service',
        // A name that leads nowhere (RFC 2606): no mail goes there, and nobody can prove it theirs.
        email: `${newId()}@service.invalid`,
        firstName: name,
        lastName: '',
        roles,
      });
      const target = { type: 'service_account', id: account.id };
      await audit(tx, { action: 'service_account.created', target, after: { name, roles: account.roles } });
      return account;
    });
  }

  /** @throws ServiceAccountMissing, StaleVersion, UnknownRole, UserOutOfReach */
  async update(
    ctx: TenantContext,
    id: string,
    { name, roles }: { name?: string; roles?: string[] },
    expectedVersion?: number,
  ): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      const before = await this.get(tx, id);
      let account = await this.users.update(tx, id, { firstName: name }, expectedVersion);
      if (roles) account = await this.users.setRoles(tx, id, roles);
      const target = { type: 'service_account', id };
      await audit(tx, { action: 'service_account.updated', target, before: told(before), after: told(account) });
      return account;
    });
  }

  /** It acts no more, and its keys end with it. What it has written stays its. @throws ServiceAccountMissing, UserOutOfReach */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const before = await this.get(tx, id);
      await this.users.update(tx, id, { active: false });
      const target = { type: 'service_account', id };
      await audit(tx, { action: 'service_account.deleted', target, before: told(before) });
    });
  }

  /**
   * Whoever holds a key is the account: nobody gets one of an account that stands above themselves.
   *
   * @throws ServiceAccountMissing, UserOutOfReach
   */
  async demandReach(ctx: TenantContext, id: string): Promise<void> {
    this.users.demandReach(ctx, await this.get(ctx, id));
  }
}

function told({ firstName, roles }: UserRow): object {
  return { name: firstName, roles };
}
