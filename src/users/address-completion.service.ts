import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { sqlState } from '../platform/database/database-problem.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { canonicalAddress } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { User } from './user.entity.ts';
import { listWithoutCanonical } from './users.queries.ts';

const UNIQUE_VIOLATION = '23505';

/**
 * Gives their one spelling to addresses that a migration could not spell, because their domain is not of ASCII, and to those
 * that an instance of the release before has written. Until then nobody is found by them.
 */
@Injectable()
export class AddressCompletion {
  constructor(
    private readonly tenants: TenantsService,
    private readonly contexts: TenantContexts,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Of every tenant that is served. @returns how many addresses were completed */
  async completeAll(): Promise<number> {
    let completed = 0;
    for (const tenant of await this.tenants.list()) {
      if (!this.contexts.canServe(tenant)) continue;
      try {
        completed += await this.complete(await this.contexts.open(tenant));
      } catch (error) {
        this.log.warn({ err: error, tenant: tenant.slug }, 'addresses could not be completed yet');
      }
    }
    return completed;
  }

  /** The oldest account keeps an address that several turn out to have; the others are found by none until it is changed. */
  async complete(ctx: TenantContext): Promise<number> {
    let completed = 0;
    for (const { id, email } of await listWithoutCanonical(ctx)) {
      const canonicalEmail = canonicalAddress(email);
      try {
        if (canonicalEmail === null) continue;
        await ctx.repository(User).update({ id, email }, { canonicalEmail });
        completed += 1;
      } catch (error) {
        if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
        this.log.warn({ tenant: ctx.tenant.slug, userId: id }, 'an older account has the address of this one');
      }
    }
    return completed;
  }
}
