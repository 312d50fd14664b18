import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Cache } from '../platform/cache/cache.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { slugProblem } from './slug.rules.ts';
import { findTenant, toTenant, type TenantKey } from './tenants.queries.ts';

/** Every change is told to all instances; this is how long one may go unnoticed that nobody told (a row changed by hand). */
const TTL_MS = 30_000;
/** While a tenant's schema is behind, the registry is asked again this often. */
const BEHIND_TTL_MS = 500;
const WANTED_AGAIN_MS = 10_000;

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
    return row ? toTenant(row) : null;
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

  /** Whatever it was found by is read anew, on every instance; `former` are names that it had until now. */
  async forget(tenant: Tenant, former: { slugs?: string[]; domains?: string[] } = {}): Promise<void> {
    const domains = await this.registry.query<{ domain: string }[]>(
      'SELECT domain FROM public.tenant_domains WHERE tenant_id = $1',
      [tenant.id],
    );
    const keys = [
      `id:${tenant.id}`,
      `schema:${tenant.binding.schema}`,
      `behind:${tenant.id}`,
      ...[tenant.slug, ...(former.slugs ?? [])].flatMap((slug) => [`slug:${slug}`, `formerSlug:${slug}`]),
      ...[...domains.map((row) => row.domain), ...(former.domains ?? [])].map((domain) => `domain:${domain}`),
    ];
    await Promise.all(keys.map((key) => this.cache.forget(`tenant:${key}`)));
  }

  async #find(key: TenantKey, value: string): Promise<Tenant | null> {
    const row = await this.cache.getOrLoad(`tenant:${key}:${value}`, TTL_MS, () =>
      findTenant(this.registry.manager, key, value),
    );
    return row ? toTenant(row) : null;
  }
}
