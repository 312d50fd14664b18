import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NO_LIMITS, type Tenant, type TenantLimits } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { LimitRefused } from './subscriptions.errors.ts';

export interface Plan {
  key: string;
  name: string;
  limits: TenantLimits;
}

export interface Subscription {
  plan: string;
  /** What was agreed on besides the plan. */
  limits: Partial<TenantLimits>;
  startedAt: Date;
  endedAt: Date | null;
}

/** The operators' verbs over plans and who has them. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class SubscriptionsService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
  ) {}

  async listPlans(): Promise<Plan[]> {
    const rows = await this.registry.query<Plan[]>('SELECT key, name, limits FROM public.plans ORDER BY position');
    return rows.map((row) => ({ ...row, limits: { ...NO_LIMITS, ...row.limits } }));
  }

  /** Changes what a plan allows, for all who have it, on every instance at once. @throws PlanMissing, LimitRefused */
  async changePlan(key: string, limits: Partial<TenantLimits>): Promise<Plan> {
    guardLimits(limits);
    await this.tenants.demandPlan(key);
    await this.registry.query('UPDATE public.plans SET limits = limits || $2::jsonb WHERE key = $1', [key, limits]);
    await this.tenants.forgetPlans();
    return (await this.listPlans()).find((each) => each.key === key)!;
  }

  /** Newest first; the first one is current. */
  async history({ id }: Tenant): Promise<Subscription[]> {
    return this.registry.query(
      `SELECT plan, limits, started_at AS "startedAt", ended_at AS "endedAt" FROM public.subscriptions
        WHERE tenant_id = $1 ORDER BY started_at DESC, ended_at DESC NULLS FIRST`,
      [id],
    );
  }

  /**
   * Puts a tenant on a plan, with limits of its own where something else was agreed on. What it has already stays: above
   * its limits it can add nothing until it is below.
   *
   * @throws TenantNotFound, PlanMissing, LimitRefused
   */
  async subscribe(slug: string, plan: string, limits: Partial<TenantLimits> = {}): Promise<Tenant> {
    guardLimits(limits);
    return this.#subscribe(await this.tenants.getBySlug(slug), plan, limits);
  }

  /** The same for whoever has its id. */
  async subscribeById(id: string, plan: string, limits: Partial<TenantLimits> = {}): Promise<Tenant> {
    guardLimits(limits);
    return this.#subscribe(await this.tenants.get(id), plan, limits);
  }

  async #subscribe(tenant: Tenant, plan: string, limits: Partial<TenantLimits>): Promise<Tenant> {
    await this.tenants.demandPlan(plan);
    await this.tenants.inTurn(tenant, async (transaction) => {
      // Not now(), which is when the transaction began: another one may have been in turn since.
      const [[{ at }]] = await transaction.query<[[{ at: string }], number]>(
        `UPDATE public.subscriptions SET ended_at = greatest(started_at, clock_timestamp())
          WHERE tenant_id = $1 AND ended_at IS NULL RETURNING ended_at::text AS at`,
        [tenant.id],
      );
      await transaction.query(
        'INSERT INTO public.subscriptions (tenant_id, plan, limits, started_at) VALUES ($1, $2, $3, $4)',
        [tenant.id, plan, limits, at],
      );
      // Whoever has it agreed with is known: it does not go for want of a proved address.
      await transaction.query(
        'UPDATE public.tenants SET plan = $2, limits = $3, unproved_since = NULL, version = version + 1, updated_at = now() WHERE id = $1',
        [tenant.id, plan, limits],
      );
    });
    await this.tenants.forget(tenant);
    return this.tenants.get(tenant.id);
  }
}

function guardLimits(limits: Partial<TenantLimits>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(NO_LIMITS, name) || (value !== null && (!Number.isSafeInteger(value) || value < 0)))
      throw new LimitRefused(name);
  }
}
