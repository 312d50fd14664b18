import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NO_LIMITS, type Tenant, type TenantLimits } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { LimitRefused, PlanMissing } from './subscriptions.errors.ts';

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

  /** Changes what a plan allows, for all who have it; known to every instance within the life of a cached tenant. */
  async changePlan(key: string, limits: Partial<TenantLimits>): Promise<Plan> {
    guardLimits(limits);
    await this.registry.query('UPDATE public.plans SET limits = limits || $2::jsonb WHERE key = $1', [key, limits]);
    const plan = (await this.listPlans()).find((each) => each.key === key);
    if (!plan) throw new PlanMissing(key);
    return plan;
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
    const tenant = await this.tenants.getBySlug(slug);
    if (!(await this.listPlans()).some((each) => each.key === plan)) throw new PlanMissing(plan);
    await this.registry.transaction(async (transaction) => {
      // In a row with others who change the plan of this tenant.
      await transaction.query('SELECT 1 FROM public.tenants WHERE id = $1 FOR UPDATE', [tenant.id]);
      await transaction.query(
        'UPDATE public.subscriptions SET ended_at = now() WHERE tenant_id = $1 AND ended_at IS NULL',
        [tenant.id],
      );
      await transaction.query('INSERT INTO public.subscriptions (tenant_id, plan, limits) VALUES ($1, $2, $3)', [
        tenant.id,
        plan,
        limits,
      ]);
      await transaction.query(
        'UPDATE public.tenants SET plan = $2, limits = $3, version = version + 1, updated_at = now() WHERE id = $1',
        [tenant.id, plan, limits],
      );
    });
    await this.tenants.forget(tenant);
    return this.tenants.getBySlug(slug);
  }
}

function guardLimits(limits: Partial<TenantLimits>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in NO_LIMITS) || (value !== null && (!Number.isSafeInteger(value) || value < 0)))
      throw new LimitRefused(name);
  }
}
