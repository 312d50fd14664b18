import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { sqlState } from '../platform/database/database-problem.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager, type MigrationOutcome } from '../platform/database/schema-manager.ts';
import { TenantDataSources } from '../platform/database/tenant-data-sources.ts';
import { TenantNotFound } from '../platform/tenancy/tenancy.errors.ts';
import type { Tenant, TenantStatus } from '../platform/tenancy/tenant.types.ts';
import { RegistryTenantDirectory } from './tenant-directory.service.ts';
import { slugProblem } from './slug.rules.ts';
import { TenantEntity, toTenant } from './tenant.entity.ts';
import { SlugNotAllowed, SlugTaken, TenantStatusConflict } from './tenants.errors.ts';

const UNIQUE_VIOLATION = '23505';

export interface Availability {
  slug: string;
  available: boolean;
  reason: 'invalid' | 'reserved' | 'taken' | null;
}

/** The registry's verbs. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class TenantsService {
  constructor(
    @InjectRepository(TenantEntity) private readonly registry: Repository<TenantEntity>,
    private readonly directory: RegistryTenantDirectory,
    private readonly readyPool: ReadyPool,
    private readonly schemas: SchemaManager,
    private readonly handles: TenantDataSources,
  ) {}

  async checkAvailability(slug: string): Promise<Availability> {
    const problem = slugProblem(slug);
    if (problem) return { slug, available: false, reason: problem };
    const taken = await this.registry.existsBy({ slug });
    return { slug, available: !taken, reason: taken ? 'taken' : null };
  }

  /**
   * Reserves the slug and a schema for it, in one registry transaction. The tenant is `provisioning` and serves nobody
   * until `activate`; one that never gets there is found and removed by `removeAbandoned`.
   *
   * @throws SlugNotAllowed, SlugTaken
   */
  async reserve(slug: string, name: string): Promise<Tenant> {
    const problem = slugProblem(slug);
    if (problem) throw new SlugNotAllowed(problem);
    for (;;) {
      const tenant = await this.#claim(slug, name);
      if (tenant) return tenant;
      // Nothing ready: made in line and entered among the ready ones, where the next turn claims it.
      await this.schemas.provision();
    }
  }

  /** The tenant is complete: from now on it is found and served. */
  async activate(tenant: Tenant): Promise<Tenant> {
    const { affected } = await this.registry.update({ id: tenant.id, status: 'provisioning' }, { status: 'active' });
    if (affected !== 1) throw new TenantNotFound();
    await this.#forget(tenant);
    return { ...tenant, status: 'active' };
  }

  /** Undoes `reserve`: the row, the schema and its role. The slug is free again. */
  async abandon(tenant: Tenant): Promise<void> {
    if (!(await this.registry.existsBy({ id: tenant.id, status: 'provisioning' }))) return;
    // The row goes last: whatever dies on the way, it is still there to be found.
    await this.schemas.drop(tenant.binding.schema, tenant.binding.role);
    await this.registry.delete({ id: tenant.id, status: 'provisioning' });
    await this.#forget(tenant);
  }

  /** Removes sign-ups whose process died before they were complete; one that cannot be removed stays for the next time. */
  async removeAbandoned(olderThan: Date): Promise<number> {
    const rows = await this.registry.findBy({ status: 'provisioning', createdAt: LessThan(olderThan) });
    const outcomes = await Promise.allSettled(rows.map((row) => this.abandon(toTenant(row))));
    return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  }

  /** @throws TenantNotFound */
  async getBySlug(slug: string): Promise<Tenant> {
    const row = await this.registry.findOneBy({ slug });
    if (!row) throw new TenantNotFound();
    return toTenant(row);
  }

  async list(status?: TenantStatus): Promise<Tenant[]> {
    const rows = await this.registry.find({
      where: status ? { status } : {},
      order: { slug: 'ASC' },
    });
    return rows.map(toTenant);
  }

  /** From now on its requests answer 403, within a second on every instance. Suspending twice is no error. */
  suspend(slug: string): Promise<Tenant> {
    return this.#change(slug, 'active', 'suspended');
  }

  resume(slug: string): Promise<Tenant> {
    return this.#change(slug, 'suspended', 'active');
  }

  /** Brings the tenant's schema to this version of the product. */
  async migrate(tenant: Tenant): Promise<MigrationOutcome> {
    const outcome = await this.schemas.migrate(tenant.binding.schema);
    await this.#forget(tenant);
    return outcome;
  }

  async #claim(slug: string, name: string): Promise<Tenant | null> {
    try {
      return await this.registry.manager.transaction(async (transaction) => {
        const binding = await this.readyPool.claim(transaction);
        if (!binding) return null;
        const row = transaction.create(TenantEntity, {
          id: newId(),
          slug,
          name,
          status: 'provisioning',
          plan: 'free',
          cluster: binding.cluster,
          schemaName: binding.schema,
          roleName: binding.role,
          home: binding.home,
          schemaVersion: String(this.schemas.version),
        });
        await transaction.insert(TenantEntity, row);
        return toTenant(row);
      });
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new SlugTaken(slug);
      throw error;
    }
  }

  async #change(slug: string, from: TenantStatus, to: TenantStatus): Promise<Tenant> {
    const { affected } = await this.registry.update({ slug, status: from }, { status: to });
    const tenant = await this.getBySlug(slug);
    if (!affected && tenant.status !== to) throw new TenantStatusConflict(tenant.status, to);
    await this.#forget(tenant);
    return tenant;
  }

  async #forget(tenant: Tenant): Promise<void> {
    this.handles.forget(tenant.binding.schema);
    await this.directory.forget(tenant);
  }
}
