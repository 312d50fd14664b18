import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantsService } from '../tenants/tenants.service.ts';

const SLICES = 24;
const AT_A_TIME = 5_000;

/** Sign-ins that were refused are kept for 90 days; all else in the audit log stays. */
@Injectable()
export class RefusedSignIns {
  constructor(
    private readonly tenants: TenantsService,
    private readonly contexts: TenantContexts,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Of one part of the tenants in each hour of the day, so that each is visited once a day and none at the same time as all
   * others. One that cannot be reached is left for the next day.
   *
   * @param hour 0 to 23; every tenant when not given
   * @returns how many events are gone
   */
  async forget(hour?: number): Promise<number> {
    let gone = 0;
    for (const tenant of await this.tenants.list()) {
      if (hour !== undefined && parseInt(tenant.id.slice(-4), 16) % SLICES !== hour) continue;
      if (!this.contexts.canServe(tenant)) continue;
      try {
        gone += await this.#forgetOf(await this.contexts.open(tenant));
      } catch (error) {
        this.log.warn({ err: error, tenant: tenant.slug }, 'refused sign-ins could not be forgotten yet');
      }
    }
    return gone;
  }

  async #forgetOf(ctx: TenantContext): Promise<number> {
    let gone = 0;
    for (;;) {
      const rows = await ctx.query<{ id: string }>(
        `DELETE FROM "@tenant".audit_events WHERE id IN (
           SELECT e.id FROM "@tenant".audit_events e
            WHERE e.at < now() - interval '90 days' AND e.action = 'sign_in.refused' LIMIT ${AT_A_TIME})
         RETURNING id`,
      );
      gone += rows.length;
      if (rows.length < AT_A_TIME) return gone;
    }
  }
}
