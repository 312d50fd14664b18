import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Cache } from '../platform/cache/cache.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { slugProblem } from './slug.rules.ts';
import { findTenant, loadPlanLimits, toTenant, type TenantKey, type TenantRow } from './tenants.queries.ts';

/** Every change is told to all instances; this is how long one may go unnoticed that nobody told (a row changed by hand). */
const TTL_MS = 30_000;
/** While a tenant's schema is behind, the registry is asked again this often. */
const BEHIND_TTL_MS = 500;
const WANTED_AGAIN_MS = 10_000;
/** Apart from the tenants: a plan that is changed is one copy to forget, and not one for each that has it. */
const PLANS_KEY = 'plans';

/** The registry behind a cache: also "there is no such tenant" is remembered, and asked once however many ask at once. */
@Injectable()
export class RegistryTenantDirectory extends TenantDirectory {
  readonly #wanted = new LRUCache<string, true>({ max: 10_000, ttl: WANTED_AGAIN_MS });

  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly cache: Cache,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    super();
  }

  isReserved(slug: string): boolean {
    return slugProblem(slug) === 'reserved';
  }

  findById(id: string): Promise<Tenant | null> {
    return this.#find('id', id);
  }

  findBySlug(slug: string): Promise<Tenant | null> {
    return this.#find('slug', slug);
  }

  findBySchema(schema: string): Promise<Tenant | null> {
    return this.#find('schema', schema);
  }

  findByDomain(domain: string): Promise<Tenant | null> {
    return this.#find('domain', domain);
  }

  findByFormerSlug(slug: string): Promise<Tenant | null> {
    return this.#find('formerSlug', slug);
  }

  async refresh({ id }: Tenant): Promise<Tenant | null> {
    const row = await this.cache.getOrLoad(`tenant:behind:${id}`, BEHIND_TTL_MS, () =>
      findTenant(this.registry.manager, 'id', id),
    );
    return row && this.#toTenant(row);
  }

  /** What plans allow is read anew, on every instance. */
  async forgetPlans(): Promise<void> {
    await this.cache.forget(PLANS_KEY);
  }

  wantMigration({ id }: Tenant): void {
    if (this.#wanted.has(id)) return;
    this.#wanted.set(id, true);
    this.registry
      .query('UPDATE public.tenants SET migration_wanted_at = now() WHERE id = $1 AND migration_wanted_at IS NULL', [
        id,
      ])
      .catch((error: unknown) => this.log.warn({ err: error, tenant: id }, 'a wanted migration could not be noted'));
  }

  /** Whatever it was found by is read anew, on every instance; `slugs` are others that lead to it no more. */
  async forget(tenant: Tenant, slugs: string[] = []): Promise<void> {
    const names = await this.registry.query<{ key: TenantKey; name: string }[]>(
      `SELECT 'domain' AS key, domain AS name FROM public.tenant_domains WHERE tenant_id = $1
        UNION ALL SELECT 'slug', slug FROM public.former_slugs WHERE tenant_id = $1`,
      [tenant.id],
    );
    const bySlug = [tenant.slug, ...slugs, ...names.filter(({ key }) => key === 'slug').map(({ name }) => name)];
    const keys = [
      `id:${tenant.id}`,
      `schema:${tenant.binding.schema}`,
      `behind:${tenant.id}`,
      ...bySlug.flatMap((slug) => [`slug:${slug}`, `formerSlug:${slug}`]),
      ...names.filter(({ key }) => key === 'domain').map(({ name }) => `domain:${name}`),
    ];
    await Promise.all(keys.map((key) => this.cache.forget(`tenant:${key}`)));
  }

  async #find(key: TenantKey, value: string): Promise<Tenant | null> {
    const row = await this.cache.getOrLoad(`tenant:${key}:${value}`, TTL_MS, () =>
      findTenant(this.registry.manager, key, value),
    );
    return row && this.#toTenant(row);
  }

  async #toTenant(row: TenantRow): Promise<Tenant> {
    const plans = await this.cache.getOrLoad(PLANS_KEY, TTL_MS, () => loadPlanLimits(this.registry.manager));
    return toTenant(row, plans[row.plan]);
  }
}
