import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuthService, type SignedIn } from '../auth/auth.service.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import type { Caller } from '../platform/access/caller.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { UsersService, type NewUser } from '../users/users.service.ts';

export interface NewOrganisation {
  name: string;
  slug: string;
  admin: Omit<NewUser, 'roles'>;
}

export interface SignUp extends SignedIn {
  tenant: Tenant;
}

/** Sign-up: needs the registry, people and sessions, so it stands above them all. */
@Injectable()
export class OnboardingService {
  constructor(
    private readonly tenants: TenantsService,
    private readonly users: UsersService,
    private readonly auth: AuthService,
    private readonly contexts: TenantContexts,
    private readonly readyPool: ReadyPool,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @throws SlugNotAllowed, SlugTaken */
  async signUp(organisation: NewOrganisation, caller: Caller): Promise<SignUp> {
    const { tenant, ownerId } = await this.create(organisation, caller.requestId);
    const ctx = await this.contexts.open(tenant, undefined, caller.requestId);
    return { tenant, ...(await this.auth.signIn(ctx, ownerId, caller)) };
  }

  /**
   * Makes an organisation with its first owner. It is served only when it is complete; if anything fails on the way, it
   * leaves nothing behind and the slug is free again.
   *
   * @throws SlugNotAllowed, SlugTaken
   */
  async create(
    { name, slug, admin }: NewOrganisation,
    requestId?: string,
  ): Promise<{ tenant: Tenant; ownerId: string }> {
    const reserved = await this.tenants.reserve(slug, name);
    try {
      const ctx = await this.contexts.open(reserved, undefined, requestId);
      const owner = await this.users.create(ctx, { ...admin, roles: ['owner'] });
      return { tenant: await this.tenants.activate(reserved), ownerId: owner.id };
    } catch (error) {
      await this.tenants.abandon(reserved).catch((failure: unknown) => {
        // Found again by the job that removes abandoned sign-ups.
        this.log.warn({ err: failure, slug }, 'a failed sign-up could not be cleared away yet');
      });
      throw error;
    } finally {
      this.readyPool
        .fill()
        .catch((error: unknown) => this.log.warn({ err: error }, 'the ready pool could not be filled'));
    }
  }
}
