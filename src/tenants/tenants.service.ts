import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type pg from 'pg';
import type { Logger } from 'pino';
import { LessThan, Like, type EntityManager, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { given } from '../platform/database/given.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { MAIN_CLUSTER } from '../platform/database/prepare-database.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { TenantDataSources } from '../platform/database/tenant-data-sources.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantNotFound } from '../platform/tenancy/tenancy.errors.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant, TenantStatus } from '../platform/tenancy/tenant.types.ts';
import { RegistryTenantDirectory } from './tenant-directory.service.ts';
import { slugProblem } from './slug.rules.ts';
import { TenantEntity } from './tenant.entity.ts';
import { PlanMissing, SlugNotAllowed, SlugTaken, TenantStatusConflict } from './tenants.errors.ts';
import { findTenant, listTenants, loadPlanLimits, pageOfTenants, toTenant } from './tenants.queries.ts';

const UNIQUE_VIOLATION = '23505';
/** Old names that lead to a tenant; the oldest is given up for the next one. */
const FORMER_SLUGS = 10;

export interface Availability {
  slug: string;
  available: boolean;
  reason: 'invalid' | 'reserved' | 'taken' | null;
}

export interface Reservation {
  /** Of something that is kept for it already; a new one when not given. */
  id?: string;
  slug: string;
  name: string;
  plan?: string;
  /** Where it shall live; the main cluster when not given. */
  cluster?: string;
  /** It signs up by itself, and its owner has not shown yet that their address is theirs. */
  unproved?: boolean;
}

/** The registry's verbs. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class TenantsService {
  constructor(
    @InjectRepository(TenantEntity) private readonly registry: Repository<TenantEntity>,
    private readonly directory: RegistryTenantDirectory,
    private readonly readyPool: ReadyPool,
    private readonly schemas: SchemaManager,
    private readonly removal: SchemaRemoval,
    private readonly handles: TenantDataSources,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async checkAvailability(slug: string): Promise<Availability> {
    const problem = slugProblem(slug);
    if (problem) return { slug, available: false, reason: problem };
    const taken = await isTaken(this.registry.manager, slug, null);
    return { slug, available: !taken, reason: taken ? 'taken' : null };
  }

  /** Before long work for a new tenant. @throws SlugNotAllowed, SlugTaken */
  async demandFree(slug: string): Promise<void> {
    const { reason } = await this.checkAvailability(slug);
    if (reason === 'taken') throw new SlugTaken(slug);
    if (reason) throw new SlugNotAllowed(reason);
  }

  /**
   * Reserves the slug and a schema for it, in one registry transaction. The tenant is `provisioning` and serves nobody
   * until `activate`; one that never gets there is found and removed by `removeAbandoned`.
   *
   * @throws SlugNotAllowed, SlugTaken
   */
  async reserve(wanted: Reservation): Promise<Tenant> {
    const cluster = wanted.cluster ?? MAIN_CLUSTER;
    for (;;) {
      const tenant = await this.#enter(wanted, (transaction) => this.readyPool.claim(transaction, cluster));
      if (tenant) return tenant;
      // Nothing ready: made in line and entered among the ready ones, where the next turn claims it.
      await this.schemas.provision(cluster);
    }
  }

  /** The same with a schema that the caller had made (`SchemaManager.provisionFor`) and filled. @throws SlugNotAllowed, SlugTaken */
  async adopt(wanted: Reservation, binding: TenantBinding, schemaVersion: number): Promise<Tenant> {
    const tenant = await this.#enter(
      wanted,
      async (transaction) => {
        await this.readyPool.take(transaction, binding);
        return binding;
      },
      schemaVersion,
    );
    return tenant!;
  }

  /**
   * The same for a schema whose row in the registry was lost: it is there already, and nothing is taken from the ready ones.
   *
   * @throws SlugNotAllowed, SlugTaken
   */
  async enterAgain(wanted: Reservation, binding: TenantBinding, schemaVersion: number): Promise<Tenant> {
    return this.activate((await this.#enter(wanted, async () => binding, schemaVersion))!);
  }

  /** The tenant is complete: from now on it is found and served. */
  async activate(tenant: Tenant): Promise<Tenant> {
    const { affected } = await this.registry.update({ id: tenant.id, status: 'provisioning' }, { status: 'active' });
    if (affected !== 1) throw new TenantNotFound();
    await this.forget(tenant);
    await this.label(tenant).catch((error: unknown) =>
      this.log.warn({ err: error, tenant: tenant.slug }, 'a new organisation is not noted in its schema'),
    );
    return { ...tenant, status: 'active' };
  }

  /** Notes in its schema whose it is, for the day when this row is lost. */
  label({ id, slug, name, plan, binding }: Tenant, owner?: pg.ClientBase): Promise<void> {
    return this.schemas.label(binding, { tenant: id, slug, name, plan }, owner);
  }

  /**
   * Undoes `reserve`: the row, the schema and its role. The slug is free at once, also when the schema's cluster is away.
   * A schema in which there is more than a sign-up leaves is set aside, whatever this row says.
   *
   * @param later leaves the schema to `removeAbandoned`: its cluster does not answer
   */
  async abandon(tenant: Tenant, { later = false } = {}): Promise<void> {
    // First of all nobody can activate it any more.
    const { affected } = await this.registry.update(
      { id: tenant.id, status: 'provisioning' },
      { slug: abandonedSlug(tenant.id), status: 'deleted', deletedAt: new Date(), purgeAfter: new Date() },
    );
    if (affected !== 1) return;
    await this.forget(tenant);
    if (!later) await this.removeAbandonedSchema(tenant);
  }

  /** The rest of `abandon`, which may be repeated until the cluster answers. */
  async removeAbandonedSchema({ id, binding }: Tenant): Promise<void> {
    const removal = await this.removal.remove(binding, 'sign-up');
    if (removal.outcome === 'set aside')
      this.log.error(
        { schema: removal.name, cluster: binding.cluster },
        'the schema of a sign-up that was never completed is in use; it was set aside: projectflow tenant adopt, or tenant drop-orphan',
      );
    await this.registry.delete({ id, status: 'deleted', slug: abandonedSlug(id) });
  }

  /** Sign-ups whose process died before they were complete. */
  async findAbandoned(olderThan: Date): Promise<Tenant[]> {
    const rows = await this.registry.findBy({ status: 'provisioning', createdAt: LessThan(olderThan) });
    return Promise.all(rows.map((row) => this.get(row.id)));
  }

  /** Removes them; one that cannot be removed stays for the next time. */
  async removeAbandoned(olderThan: Date): Promise<number> {
    const begun = await this.registry.findBy({ status: 'deleted', slug: Like('abandoned-%') });
    const outcomes = await Promise.allSettled([
      ...(await this.findAbandoned(olderThan)).map((tenant) => this.abandon(tenant)),
      ...begun.filter(isAbandoned).map(async ({ id }) => this.removeAbandonedSchema(await this.get(id))),
    ]);
    return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  }

  /** @throws TenantNotFound */
  async getBySlug(slug: string): Promise<Tenant> {
    const row = await findTenant(this.registry.manager, 'slug', slug);
    if (!row) throw new TenantNotFound();
    return toTenant(row);
  }

  /** As the registry has it now. @throws TenantNotFound */
  async get(id: string): Promise<Tenant> {
    const row = await findTenant(this.registry.manager, 'id', id);
    if (!row) throw new TenantNotFound();
    return toTenant(row);
  }

  async list(filter: { status?: TenantStatus; cluster?: string } = {}): Promise<Tenant[]> {
    return (await listTenants(this.registry.manager, filter)).map((row) => toTenant(row));
  }

  async page(query: ListQuery): Promise<Page<Tenant>> {
    return (await pageOfTenants(this.registry.manager, query)).map((row) => toTenant(row));
  }

  /** From now on its requests answer 403, within a second on every instance. Suspending twice is no error. */
  suspend(slug: string): Promise<Tenant> {
    return this.#change(slug, 'active', 'suspended');
  }

  resume(slug: string): Promise<Tenant> {
    return this.#change(slug, 'suspended', 'active');
  }

  /**
   * Changes how it is called. Its schema has nothing to do with either name. The old slug stays its own and answers
   * where it went to, until ten later ones have taken its place.
   *
   * @throws SlugNotAllowed, SlugTaken, StaleVersion
   */
  async rename(tenant: Tenant, names: { name?: string; slug?: string }, expectedVersion?: number): Promise<Tenant> {
    const problem = names.slug === undefined ? null : slugProblem(names.slug);
    if (problem) throw new SlugNotAllowed(problem);
    const released = await this.#guardSlug(names.slug ?? tenant.slug, () =>
      this.registry.manager.transaction(async (transaction) => {
        const row = await transaction.findOne(TenantEntity, {
          where: { id: tenant.id },
          lock: { mode: 'pessimistic_write' },
        });
        if (!row) throw new TenantNotFound();
        demandVersion(row, expectedVersion);
        const { slug: former } = row;
        const changes = given(names);
        if (Object.keys(changes).length === 0) return [];
        await transaction.save(TenantEntity, Object.assign(row, changes));
        return row.slug === former ? [] : this.#retire(transaction, row, former);
      }),
    );
    const renamed = await this.get(tenant.id);
    await this.directory.forget(renamed, [tenant.slug, ...released]);
    return renamed;
  }

  /** By one of its people. @throws as rename() */
  async renameOwn(
    ctx: TenantContext,
    names: { name?: string; slug?: string },
    expectedVersion?: number,
  ): Promise<Tenant> {
    const { name, slug } = ctx.tenant;
    const renamed = await this.rename(ctx.tenant, names, expectedVersion);
    const after = { name: renamed.name, slug: renamed.slug };
    await audit(ctx, { action: 'organisation.renamed', before: { name, slug }, after });
    return renamed;
  }

  /** Before long work for a tenant that is to have it. @throws PlanMissing */
  async demandPlan(key: string): Promise<void> {
    if (!Object.hasOwn(await loadPlanLimits(this.registry.manager), key)) throw new PlanMissing(key);
  }

  /** What a plan allows was changed: every instance reads it anew. */
  forgetPlans(): Promise<void> {
    return this.directory.forgetPlans();
  }

  /** Runs `work` in a transaction of the registry, one after the other for the same tenant. @throws TenantNotFound */
  inTurn<T>({ id }: Pick<Tenant, 'id'>, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.registry.manager.transaction(async (transaction) => {
      const held = await transaction.query<unknown[]>('SELECT 1 FROM public.tenants WHERE id = $1 FOR NO KEY UPDATE', [
        id,
      ]);
      if (held.length === 0) throw new TenantNotFound();
      return work(transaction);
    });
  }

  /** Every instance reads it anew. */
  async forget(tenant: Tenant): Promise<void> {
    this.handles.forget(tenant.binding.schema);
    await this.directory.forget(tenant);
  }

  async #enter(
    { id = newId(), slug, name, plan = 'free', unproved = false }: Reservation,
    claim: (transaction: EntityManager) => Promise<TenantBinding | null>,
    schemaVersion = this.schemas.version,
  ): Promise<Tenant | null> {
    const problem = slugProblem(slug);
    if (problem) throw new SlugNotAllowed(problem);
    const entered = await this.#guardSlug(slug, () =>
      this.registry.manager.transaction(async (transaction) => {
        await releaseDead(transaction, slug);
        if (await isTaken(transaction, slug, id)) throw new SlugTaken(slug);
        const binding = await claim(transaction);
        if (!binding) return null;
        await transaction.insert(TenantEntity, {
          id,
          slug,
          name,
          status: 'provisioning',
          plan,
          cluster: binding.cluster,
          schemaName: binding.schema,
          roleName: binding.role,
          home: binding.home,
          schemaVersion: String(schemaVersion),
          unprovedSince: unproved ? new Date() : null,
        });
        await transaction.query('INSERT INTO public.subscriptions (tenant_id, plan) VALUES ($1, $2)', [id, plan]);
        return findTenant(transaction, 'id', id);
      }),
    );
    return entered && toTenant(entered);
  }

  /** @returns slugs that lead to nobody any more */
  async #retire(transaction: EntityManager, { id, slug }: TenantEntity, former: string): Promise<string[]> {
    if (await isTaken(transaction, slug, id)) throw new SlugTaken(slug);
    // Its own former slug is taken back.
    await transaction.query('DELETE FROM public.former_slugs WHERE slug = $1 AND tenant_id = $2', [slug, id]);
    await transaction.query('INSERT INTO public.former_slugs (slug, tenant_id) VALUES ($1, $2)', [former, id]);
    const [released] = await transaction.query<[{ slug: string }[], number]>(
      `DELETE FROM public.former_slugs WHERE slug IN (
         SELECT slug FROM public.former_slugs WHERE tenant_id = $1 ORDER BY retired_at DESC OFFSET $2) RETURNING slug`,
      [id, FORMER_SLUGS],
    );
    return released.map((row) => row.slug);
  }

  async #guardSlug<T>(slug: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new SlugTaken(slug);
      throw error;
    }
  }

  async #change(slug: string, from: TenantStatus, to: TenantStatus): Promise<Tenant> {
    const { affected } = await this.registry.update({ slug, status: from }, { status: to });
    const tenant = await this.getBySlug(slug);
    if (!affected && tenant.status !== to) throw new TenantStatusConflict(tenant.status, to);
    await this.forget(tenant);
    return tenant;
  }
}

/** What a sign-up is called that was given up, until its schema is gone. */
function abandonedSlug(id: string): string {
  return `abandoned-${id}`;
}

/** Whether it is a sign-up that was given up: only its schema is left to be removed. */
export function isAbandoned({ id, slug }: Pick<Tenant, 'id' | 'slug'>): boolean {
  return slug === abandonedSlug(id);
}

/** Longer than a sign-up can take: a request ends after 30 s. Whoever made the row has died. */
const DEAD_AFTER = '60 seconds';

/** The slug of a sign-up that died is free for the next one; its schema is removed later. */
async function releaseDead(transaction: EntityManager, slug: string): Promise<void> {
  await transaction.query(
    `UPDATE public.tenants SET slug = 'abandoned-' || id, status = 'deleted', deleted_at = now(), purge_after = now()
      WHERE slug = $1 AND status = 'provisioning' AND created_at < now() - interval '${DEAD_AFTER}'`,
    [slug],
  );
}

/** By another tenant, as its slug or as one that it had. */
async function isTaken(registry: EntityManager, slug: string, byOtherThan: string | null): Promise<boolean> {
  const rows = await registry.query<{ taken: boolean }[]>(
    `SELECT EXISTS (SELECT 1 FROM public.tenants WHERE slug = $1 AND id IS DISTINCT FROM $2::uuid
                       AND NOT (status = 'provisioning' AND created_at < now() - interval '${DEAD_AFTER}'))
         OR EXISTS (SELECT 1 FROM public.former_slugs WHERE slug = $1 AND tenant_id IS DISTINCT FROM $2::uuid) AS taken`,
    [slug, byOtherThan],
  );
  return rows[0]!.taken;
}
