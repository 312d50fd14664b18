import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { FindOptionsWhere, Repository } from 'typeorm';
import { Cache } from '../platform/cache/cache.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { slugProblem } from './slug.rules.ts';
import { TenantEntity, toTenant } from './tenant.entity.ts';

/** Bounds how long a suspension can go unnoticed, also where no Redis carries the news. */
const TTL_MS = 1_000;

/** The registry behind a cache: also "there is no such tenant" is remembered, and asked once however many ask at once. */
@Injectable()
export class RegistryTenantDirectory extends TenantDirectory {
  constructor(
    @InjectRepository(TenantEntity) private readonly registry: Repository<TenantEntity>,
    private readonly cache: Cache,
  ) {
    super();
  }

  isReserved(slug: string): boolean {
    return slugProblem(slug) === 'reserved';
  }

  findById(id: string): Promise<Tenant | null> {
    return this.#find(`id:${id}`, { id });
  }

  findBySlug(slug: string): Promise<Tenant | null> {
    return this.#find(`slug:${slug}`, { slug });
  }

  findBySchema(schema: string): Promise<Tenant | null> {
    return this.#find(`schema:${schema}`, { schemaName: schema });
  }

  async forget({ id, slug, binding }: Tenant): Promise<void> {
    await Promise.all(
      [`id:${id}`, `slug:${slug}`, `schema:${binding.schema}`].map((key) => this.cache.forget(`tenant:${key}`)),
    );
  }

  async #find(key: string, where: FindOptionsWhere<TenantEntity>): Promise<Tenant | null> {
    const row = await this.cache.getOrLoad(`tenant:${key}`, TTL_MS, () => this.registry.findOneBy(where));
    return row ? toTenant(row) : null;
  }
}
