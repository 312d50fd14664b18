import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { IsNull, LessThanOrEqual, Not, type EntityManager, type Repository } from 'typeorm';
import { Clusters } from '../platform/database/clusters.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { FileStore } from '../platform/files/file-store.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { TenantEntity } from './tenant.entity.ts';
import { PurgeHasBegun, SignUpUnderWay, SlugNotConfirmed, TenantStatusConflict } from './tenants.errors.ts';
import { isAbandoned, TenantsService } from './tenants.service.ts';

const PURGED_AT_A_TIME = 20;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than a sign-up can take: a request ends after 30 s. */
const SIGN_UP_MS = 60_000;

/** Deleting a tenant: first it is only hidden, for a grace period; then nothing of it is left. */
@Injectable()
export class TenantDeletionService {
  constructor(
    @InjectRepository(TenantEntity) private readonly registry: Repository<TenantEntity>,
    private readonly tenants: TenantsService,
    private readonly removal: SchemaRemoval,
    private readonly clusters: Clusters,
    private readonly files: FileStore,
    private readonly jobs: Jobs,
    private readonly settings: SystemSettingsService,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * From now on nobody finds it; until the grace period ends it can be restored as it was.
   *
   * @param graceDays days, may be a fraction; the setting deletion.grace-days when not given
   * @throws TenantNotFound, TenantStatusConflict
   */
  async delete(slug: string, graceDays?: number): Promise<Tenant> {
    const days = graceDays ?? (await this.settings.get('deletion.grace-days'));
    const tenant = await this.tenants.getBySlug(slug);
    const { affected } = await this.registry.update(
      [
        { id: tenant.id, status: 'active' },
        { id: tenant.id, status: 'suspended' },
      ],
      {
        status: 'deleted',
        deletedFrom: () => 'status',
        deletedAt: new Date(),
        purgeAfter: new Date(Date.now() + days * DAY_MS),
      },
    );
    if (!affected && tenant.status !== 'deleted') throw new TenantStatusConflict(tenant.status, 'deleted');
    return this.#changed(slug);
  }

  /** As it was: one that was suspended is suspended again. @throws TenantNotFound, TenantStatusConflict, PurgeHasBegun */
  async restore(slug: string): Promise<Tenant> {
    const tenant = await this.tenants.getBySlug(slug);
    const { affected } = await this.registry.update(
      { id: tenant.id, status: 'deleted', purgeStartedAt: IsNull() },
      {
        ...{ status: () => `coalesce(deleted_from, 'active')`, deletedFrom: null, deletedAt: null, purgeAfter: null },
        // Whoever brings it back wants it, proved or not.
        ...{ unprovedSince: null, unprovedWarnedAt: null },
      },
    );
    if (!affected && tenant.status !== 'active') {
      if (tenant.status === 'deleted') throw new PurgeHasBegun();
      throw new TenantStatusConflict(tenant.status, 'active');
    }
    return this.#changed(slug);
  }

  /**
   * Removes a deleted tenant at once, without waiting for its grace period to end; also a sign-up that died.
   *
   * @param confirmation its slug, typed again
   * @param clusterGone leaves out clusters that do not answer: what lives there is nobody's then, should they come back
   * @throws TenantNotFound, TenantStatusConflict, SlugNotConfirmed, SignUpUnderWay, PurgeHasBegun when somebody else is at it
   */
  async purge(slug: string, confirmation: string, { clusterGone = false } = {}): Promise<void> {
    if (confirmation !== slug) throw new SlugNotConfirmed(slug);
    const tenant = await this.tenants.getBySlug(slug);
    if (tenant.status === 'provisioning') {
      if (Date.now() - tenant.createdAt.getTime() < SIGN_UP_MS) throw new SignUpUnderWay(slug);
      return this.tenants.abandon(tenant);
    }
    if (isAbandoned(tenant) && !clusterGone) return this.tenants.removeAbandonedSchema(tenant);
    if (tenant.status !== 'deleted') throw new TenantStatusConflict(tenant.status, 'purged');
    await this.#begin(tenant);
    if (!(await this.#purge(tenant, clusterGone))) throw new PurgeHasBegun();
  }

  /** Those whose grace period is over, and those whose purge was begun and died. */
  async findDue(): Promise<string[]> {
    const rows = await this.registry
      .createQueryBuilder('tenant')
      .select(['tenant.slug'])
      // What a sign-up left that was given up is not a customer's: TenantsService removes it, and looks before it does.
      .where(
        `tenant.status = 'deleted' AND tenant.slug <> 'abandoned-' || tenant.id::text AND (tenant.purge_after <= now() OR tenant.purge_started_at IS NOT NULL)`,
      )
      .orderBy('tenant.purge_after')
      .limit(PURGED_AT_A_TIME)
      .getMany();
    return rows.map((row) => row.slug);
  }

  /** One batch. One that fails stays for the next time. @returns the slugs that are gone */
  async purgeDue(): Promise<string[]> {
    const purged: string[] = [];
    for (const slug of await this.findDue()) {
      try {
        const tenant = await this.tenants.getBySlug(slug);
        await this.#begin(tenant, new Date());
        if (await this.#purge(tenant)) purged.push(slug);
      } catch (error) {
        this.log.warn({ err: error, tenant: slug }, 'a tenant could not be purged yet');
      }
    }
    return purged;
  }

  /** From here on it cannot be restored. @param due only when its grace period was over at this moment */
  async #begin({ id }: Tenant, due?: Date): Promise<void> {
    // Not those that are begun: whoever is at it holds the row, and would be waited for.
    await this.registry.update(
      { id, status: 'deleted', purgeStartedAt: IsNull(), ...(due && { purgeAfter: LessThanOrEqual(due) }) },
      { purgeStartedAt: new Date() },
    );
  }

  /**
   * Every step may be repeated, and the row goes last: whatever dies on the way is found and finished later.
   *
   * @returns false when it is not to be purged, or somebody else is at it
   */
  async #purge(tenant: Tenant, clusterGone = false): Promise<boolean> {
    const isGone = await this.registry.manager.transaction(async (transaction) => {
      const mine = await transaction.findOne(TenantEntity, {
        where: { id: tenant.id, status: 'deleted', purgeStartedAt: Not(IsNull()) },
        lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
      });
      if (!mine) return false;
      const bindings = await this.#reachable(
        [tenant.binding, ...(await copiesOf(transaction, tenant.id))],
        clusterGone,
      );
      await this.jobs.removeAll(tenant.id);
      await this.files.removeAll(tenant.id);
      for (const binding of bindings) await this.#drop(tenant, binding);
      // With it go its domains, former slugs, subscriptions, usage, moves and archives.
      await transaction.delete(TenantEntity, { id: tenant.id });
      return true;
    });
    if (!isGone) return false;
    // What a job that was at work has written meanwhile.
    await this.files.removeAll(tenant.id);
    await this.tenants.forget(tenant);
    this.log.info({ tenant: tenant.slug, schema: tenant.binding.schema }, 'tenant purged');
    return true;
  }

  /** Before anything is removed: what cannot be finished is not begun. @throws ClusterUnavailable */
  async #reachable(bindings: TenantBinding[], clusterGone: boolean): Promise<TenantBinding[]> {
    const reachable: TenantBinding[] = [];
    for (const binding of bindings) {
      try {
        await this.clusters.ask(binding.cluster);
        reachable.push(binding);
      } catch (error) {
        if (!clusterGone) throw error;
        this.log.warn({ err: error, schema: binding.schema }, 'a schema was left on a cluster that is gone');
      }
    }
    return reachable;
  }

  async #drop({ id, slug }: Tenant, binding: TenantBinding): Promise<void> {
    const removal = await this.removal.removeOf(id, binding);
    if (removal.outcome === 'set aside')
      this.log.error(
        { tenant: slug, schema: removal.name },
        'the schema of a purged tenant says that it is of another one; it was set aside',
      );
  }

  async #changed(slug: string): Promise<Tenant> {
    const tenant = await this.tenants.getBySlug(slug);
    await this.tenants.forget(tenant);
    return tenant;
  }
}

/** Kept after a move until it is confirmed, or left by one that died. */
async function copiesOf(registry: EntityManager, tenantId: string): Promise<TenantBinding[]> {
  const rows = await registry.query<{ place: TenantBinding }[]>(
    `SELECT from_place AS place FROM public.tenant_moves WHERE tenant_id = $1 AND state = 'switched'
      UNION ALL
     SELECT to_place FROM public.tenant_moves WHERE tenant_id = $1 AND state = 'copying' AND to_place IS NOT NULL`,
    [tenantId],
  );
  return rows.map((row) => row.place);
}
