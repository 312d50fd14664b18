import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.ts';
import type { SignedIn } from '../auth/auth.types.ts';
import type { Caller } from '../platform/access/caller.ts';
import { StrangerLimits } from '../platform/limits/stranger-limits.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { SignUpClosed } from './onboarding.errors.ts';
import { OnboardingService, type NewOrganisation } from './onboarding.service.ts';
import { SignUpProofs } from './sign-up-proofs.service.ts';

export interface SignUp extends SignedIn {
  tenant: Tenant;
}

/** Organisations that sign up by themselves: where that is open, as many as strangers may, and with a proof where it is asked for. */
@Injectable()
export class SignUpService {
  constructor(
    private readonly onboarding: OnboardingService,
    private readonly proofs: SignUpProofs,
    private readonly limits: StrangerLimits,
    private readonly settings: SystemSettingsService,
    private readonly tenants: TenantsService,
    private readonly contexts: TenantContexts,
    private readonly auth: AuthService,
  ) {}

  /**
   * @param proof of the owner's address, by the token of a mail
   * @throws SlugNotAllowed, SlugTaken, SignUpClosed, SignUpProofRequired, SignUpProofRefused, RateLimited, PlanLimitReached by a
   *   plan without people
   */
  async signUp(
    { proof, ...organisation }: Pick<NewOrganisation, 'name' | 'slug' | 'admin'> & { proof?: string },
    caller: Caller,
  ): Promise<SignUp> {
    if (!(await this.settings.get('sign-up.open'))) throw new SignUpClosed();
    const { email } = organisation.admin;
    const isProved = await this.proofs.check(email, proof);
    await this.limits.demandSignUp(caller, email);
    await this.limits.takeSignUpAttempt(caller);
    await this.tenants.demandFree(organisation.slug);
    const admin = { ...organisation.admin, emailVerified: isProved };
    const wanted = { ...organisation, admin, unproved: !isProved };
    const { tenant, ownerId } = await this.onboarding.create(wanted, caller, {
      beforehand: () => this.limits.takeSignUp(caller, email),
      atLast: async () => {
        if (proof !== undefined) await this.proofs.redeem(email, proof);
      },
    });
    const ctx = await this.contexts.open(tenant, undefined, caller);
    return { tenant, ...(await this.auth.signIn(ctx, ownerId, caller, 'sign-up')) };
  }
}
