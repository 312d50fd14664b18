import { Injectable } from '@nestjs/common';
import { audit } from '../platform/audit/audit.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { SecondFactorPolicy } from './second-factors.types.ts';
import { SecurityPolicy } from './security-policy.entity.ts';

@Injectable()
export class SecurityPolicyService {
  async get(ctx: TenantContext): Promise<SecurityPolicy> {
    return (await ctx.repository(SecurityPolicy).findOneBy({ id: true }))!;
  }

  /** Whoever it concerns has to set up a second factor before they go on, from the next request of theirs. @throws StaleVersion */
  async change(
    ctx: TenantContext,
    { secondFactor }: { secondFactor?: SecondFactorPolicy },
    expectedVersion?: number,
  ): Promise<SecurityPolicy> {
    return ctx.transaction(async (tx) => {
      const before = (await tx
        .repository(SecurityPolicy)
        .findOne({ where: { id: true }, lock: { mode: 'pessimistic_write' } }))!;
      demandVersion(before, expectedVersion);
      if (secondFactor === undefined || secondFactor === before.secondFactor) return before;
      await tx.repository(SecurityPolicy).update({ id: true }, { secondFactor });
      const subject = { before: { secondFactor: before.secondFactor }, after: { secondFactor } };
      await audit(tx, { action: 'security_policy.changed', ...subject });
      return this.get(tx);
    });
  }
}
