import { Injectable } from '@nestjs/common';
import { PasswordResets } from '../passwords/password-resets.service.ts';
import { PasswordsService } from '../passwords/passwords.service.ts';
import { operatorActor } from '../platform/access/actor.ts';
import { internalCaller, type Caller } from '../platform/access/caller.ts';
import type { Operator } from '../platform/access/operator.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { UserMissing } from './users.errors.ts';
import { listAccounts } from './users.queries.ts';
import type { AccountRow } from './users.types.ts';

/** What operators do for single people of an organisation. It stands in that organisation's own audit log. */
@Injectable()
export class OperatedUsers {
  constructor(
    private readonly tenants: TenantsService,
    private readonly contexts: TenantContexts,
    private readonly passwords: PasswordsService,
    private readonly resets: PasswordResets,
  ) {}

  /** @throws TenantNotFound, TenantSuspended, TenantUnavailable */
  async list(slug: string): Promise<AccountRow[]> {
    return listAccounts(await this.#open(await this.tenants.getBySlug(slug)));
  }

  /** Failures in a row are forgotten, and a password that they disabled is good again. @throws UserMissing */
  async unlock(slug: string, email: string): Promise<void> {
    const ctx = await this.#open(await this.tenants.getBySlug(slug));
    if (!(await this.passwords.unlock(ctx, { email }))) throw new UserMissing();
  }

  /** The same over HTTP. @throws TenantNotFound, UserMissing */
  async unlockById(tenantId: string, id: string, operator: Operator, caller: Caller): Promise<void> {
    const ctx = await this.#open(await this.tenants.get(tenantId), operator.id, caller);
    if (!(await this.passwords.unlock(ctx, { id }))) throw new UserMissing();
  }

  /** Mails the link with which somebody chooses a new password. @throws UserMissing, also for somebody deactivated */
  async sendReset(slug: string, email: string): Promise<void> {
    const ctx = await this.#open(await this.tenants.getBySlug(slug));
    if (!(await this.resets.send(ctx, email))) throw new UserMissing();
  }

  /** @returns that link, once, to be handed over. @throws UserMissing, also for somebody deactivated */
  async makeResetLink(slug: string, email: string): Promise<string> {
    const ctx = await this.#open(await this.tenants.getBySlug(slug));
    const link = await this.resets.makeLink(ctx, email);
    if (link === null) throw new UserMissing();
    return link;
  }

  async #open(tenant: Tenant, operatorId: string | null = null, caller = internalCaller()): Promise<TenantContext> {
    return this.contexts.open(await this.contexts.admit(tenant), operatorActor(operatorId), caller);
  }
}
