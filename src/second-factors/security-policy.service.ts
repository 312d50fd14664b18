import { Injectable } from '@nestjs/common';
import { audit } from '../platform/audit/audit.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { lockSetting, readSetting, writeSetting, type Versioned } from '../platform/tenant-settings/tenant-settings.ts';
import { SECURITY_SETTING, type SecondFactorPolicy, type SecurityPolicy } from './second-factors.types.ts';

@Injectable()
export class SecurityPolicyService {
  async get(ctx: TenantContext): Promise<Versioned<SecurityPolicy>> {
    return readSetting(ctx, SECURITY_SETTING);
  }

  /** Whoever it concerns has to set up a second factor before they go on, from the next request of theirs. @throws StaleVersion */
  async change(
    ctx: TenantContext,
    { secondFactor }: { secondFactor?: SecondFactorPolicy },
    expectedVersion?: number,
  ): Promise<Versioned<SecurityPolicy>> {
    return ctx.transaction(async (tx) => {
      const before = await lockSetting<SecurityPolicy>(tx, SECURITY_SETTING);
      demandVersion(before, expectedVersion);
      if (secondFactor === undefined || secondFactor === before.secondFactor) return before;
      await writeSetting(tx, SECURITY_SETTING, { secondFactor } satisfies SecurityPolicy);
      const subject = { before: { secondFactor: before.secondFactor }, after: { secondFactor } };
      await audit(tx, { action: 'security_policy.changed', ...subject });
      tx.announce(new ActorsChanged(null));
      return this.get(tx);
    });
  }
}
